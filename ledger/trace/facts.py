"""Loads all that concerns a lot as `LotFacts`; everything after that is pure."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, or_, select

from ledger.errors import NotFound
from ledger.store import schema
from ledger.trace.event_rows import in_batches
from ledger.trace.stated import LotFacts, Member, Recall, StatedEvent
from ledger.trace.walk import Walk

__all__ = ["LotFacts", "find_lots", "load_lot", "load_recalls"]


def find_lots(connection: Connection, lot: str) -> list[tuple[str, str]]:
    """The (GTIN-14, lot) pairs under which this lot number is known, sorted. A lot number alone is not unique."""
    item, committed, recall = schema.event_item, schema.items_committed, schema.recall
    named = select(item.c.gtin, item.c.lot).where(item.c.lot == lot, item.c.gtin.is_not(None))
    coded = select(committed.c.gtin, committed.c.lot).where(committed.c.lot == lot)
    recalled = select(recall.c.gtin, recall.c.lot).where(recall.c.lot == lot)
    return sorted((row.gtin, row.lot) for row in connection.execute(named.union(coded, recalled)))


def load_lot(connection: Connection, gtin: str, lot: str, *, downstream: bool = False) -> LotFacts:
    """All that concerns the lot. NotFound when no event names it, no codes were made for it and nobody recalled it."""
    gtin = gtin.zfill(14)
    walk = Walk(connection, f"{gtin}/{lot}", downstream)
    recalls = load_recalls(connection, gtin, lot, walk.members)
    if not walk.mentioned and not recalls and (gtin, lot) not in find_lots(connection, lot):
        raise NotFound(
            f"Nothing is recorded about lot {lot} of GTIN {gtin}.",
            hint="Check the digits; `suyuan trace --lot LOT` lists every product that has a lot of this number.",
            gtin=gtin,
            lot=lot,
        )
    product = schema.product
    row = connection.execute(select(product.c.name, product.c.member).where(product.c.gtin == gtin)).first()
    history, forward, related = walk.chosen(walk.history), walk.chosen(walk.forward), walk.chosen(walk.related)
    return LotFacts(
        gtin=gtin,
        lot=lot,
        lot_key=walk.lot_key,
        product=row.name if row else None,
        owner=walk.members.get(row.member) if row else None,
        lots=walk.lots(),
        history=history,
        forward=forward,
        related=related,
        created=_created(connection, (*history, *forward, *related), walk.lot_key),
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


def _created(connection: Connection, events: Iterable[StatedEvent], lot_key: str) -> frozenset[str]:
    """Of all that these events name, what some event creates: an ObjectEvent with action ADD, or a transformation."""
    item, event = schema.event_item, schema.event
    creates = or_(
        and_(item.c.role == "output", event.c.event_type == "TransformationEvent"),
        and_(item.c.role == "object", event.c.event_type == "ObjectEvent", event.c.action == "ADD"),
    )
    query = select(item.c.lot_key).join(event, event.c.event_hash == item.c.event_hash).where(creates).distinct()
    keys = {named.lot_key for stated in events for named in stated.items} | {lot_key}
    return frozenset(row.lot_key for row in in_batches(connection, query, item.c.lot_key, keys))
