"""Loads all that concerns a lot as `LotFacts`; everything after that is pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, and_, or_, select

from ledger.errors import NotFound
from ledger.store import schema
from ledger.trace.as_of import as_they_stood, recorded_by, said_by
from ledger.trace.event_rows import in_batches, load_events, load_members
from ledger.trace.stated import Lot, LotFacts, Member, Recall, StatedEvent
from ledger.trace.walk import Walk

__all__ = ["LotFacts", "find_lots", "load_lot", "load_recalls"]


def find_lots(connection: Connection, lot: str) -> list[tuple[str, str]]:
    """The (GTIN-14, lot) pairs under which this lot number is known, sorted. A lot number alone is not unique."""
    item, committed, recall = schema.event_item, schema.items_committed, schema.recall
    named = select(item.c.gtin, item.c.lot).where(item.c.lot == lot, item.c.gtin.is_not(None))
    coded = select(committed.c.gtin, committed.c.lot).where(committed.c.lot == lot)
    recalled = select(recall.c.gtin, recall.c.lot).where(recall.c.lot == lot)
    return sorted((row.gtin, row.lot) for row in connection.execute(named.union(coded, recalled)))


def load_lot(
    connection: Connection, gtin: str, lot: str, *, downstream: bool = False, as_of: int | None = None
) -> LotFacts:
    """All that concerns the lot; with `as_of` (Unix seconds) all that was recorded by then.

    NotFound when no event names it, no codes were made for it and nobody recalled it.
    """
    gtin = gtin.zfill(14)
    walk = Walk(connection, f"{gtin}/{lot}", downstream=downstream, as_of=as_of)
    members = load_members(connection)
    recalls = as_they_stood(load_recalls(connection, gtin, lot, members), as_of)
    known = bool(walk.mentioned or recalls)
    if not known and (as_of is not None or (gtin, lot) not in find_lots(connection, lot)):
        raise NotFound(
            f"Nothing {'was' if as_of is not None else 'is'} recorded about lot {lot} of GTIN {gtin}"
            + (" by then." if as_of is not None else "."),
            hint="Check the digits; `suyuan trace --lot LOT` lists every product that has a lot of this number.",
            gtin=gtin,
            lot=lot,
        )
    product = schema.product
    row = connection.execute(select(product.c.name, product.c.member).where(product.c.gtin == gtin)).first()
    events = load_events(connection, walk.history | walk.forward | walk.related, members)
    if as_of is not None:
        events = {event_hash: said_by(event, as_of) for event_hash, event in events.items()}
    history, forward, related = (_in_order(events, each) for each in (walk.history, walk.forward, walk.related))
    return LotFacts(
        gtin=gtin,
        lot=lot,
        lot_key=walk.lot_key,
        product=row.name if row else None,
        owner=members.get(row.member) if row else None,
        lots=_lots(walk, (*history, *forward)),
        history=history,
        forward=forward,
        related=related,
        created=_created(connection, (*history, *forward, *related), walk.lot_key, as_of),
        recalls=recalls,
    )


def load_recalls(connection: Connection, gtin: str, lot: str, members: dict[int, Member]) -> tuple[Recall, ...]:
    """Every recall of the lot, the newest first."""
    table = schema.recall
    query = select(table).where(table.c.gtin == gtin, table.c.lot == lot)
    query = query.order_by(table.c.opened_block.desc(), table.c.opened_log_index.desc())
    return tuple(
        Recall(
            member=members.get(row.member) or Member(row.member, f"member-{row.member}", f"#{row.member}", 0),
            reason=row.reason,
            opened_at=row.opened_at,
            block=row.opened_block,
            tx_hash=row.tx_hash,
            closed_at=row.closed_at,
        )
        for row in connection.execute(query)
    )


def _in_order(events: Mapping[str, StatedEvent], hashes: Iterable[str]) -> tuple[StatedEvent, ...]:
    """These events in order of time; the chain's order where times are equal."""

    def key(event: StatedEvent) -> tuple[str, int, int, str]:
        first = event.statements[0] if event.statements else None
        return event.event_time, first.block if first else 0, first.log_index if first else 0, event.event_hash

    return tuple(sorted((events[event_hash] for event_hash in hashes), key=key))


def _lots(walk: Walk, events: Iterable[StatedEvent]) -> tuple[Lot, ...]:
    named = {item.lot_key: item for event in events for item in event.items}
    found = []
    for key, depth in walk.depths.items():
        item = named.get(key)
        gtin, _, lot = key.partition("/") if item is None else (item.gtin, "", item.lot)
        sscc, name = (item.sscc, item.name) if item else (None, None)
        found.append(Lot(key, gtin, lot, sscc, name, depth, depth <= 0 or key in walk.reached))
    return tuple(found)


def _created(connection: Connection, events: Iterable[StatedEvent], lot_key: str, as_of: int | None) -> frozenset[str]:
    """Of all that these events name, what some event creates: an ObjectEvent with action ADD, or a transformation."""
    item, event = schema.event_item, schema.event
    creates = or_(
        and_(item.c.role == "output", event.c.event_type == "TransformationEvent"),
        and_(item.c.role == "object", event.c.event_type == "ObjectEvent", event.c.action == "ADD"),
    )
    query = select(item.c.lot_key).join(event, event.c.event_hash == item.c.event_hash).where(creates).distinct()
    query = recorded_by(query, item.c.event_hash, as_of)
    keys = {named.lot_key for stated in events for named in stated.items} | {lot_key}
    return frozenset(row.lot_key for row in in_batches(connection, query, item.c.lot_key, keys))
