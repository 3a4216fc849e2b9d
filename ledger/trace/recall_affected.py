"""What a recall of a lot reaches: lots, packages and items forward, lots at risk backward, and who holds how much of it.

A drill asks the same of a lot that nobody recalled: nothing is queued, sent or told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from ledger.chain.roles import Role
from ledger.errors import NotAllowed, NotFound
from ledger.store import schema
from ledger.store.queries.members import MemberRow
from ledger.trace.event_rows import in_batches
from ledger.trace.facts import load_lot
from ledger.trace.findings.flows import accounts_of
from ledger.trace.gs1 import check_gtin, check_lot
from ledger.trace.holdings import Holder, Holding, holdings, less
from ledger.trace.quantities import Totals, add
from ledger.trace.recovery import Recovered, Window, fate, recovered, window
from ledger.trace.stated import Lot, LotFacts, Recall, StatedEvent

_PORTION = 50_000


@dataclass(frozen=True, slots=True)
class Line:
    """One lot at one holder, by unit code. `open`: held or on the way, and neither returned nor destroyed yet."""

    holder: Holder
    lot: Lot
    held: Totals
    on_the_way: Totals
    found: Totals
    returned: Totals
    destroyed: Totals
    open: Totals


@dataclass(frozen=True, slots=True)
class Affected:
    """All that a recall reaches. `recall` is None in a drill; `items` counts serials, of codes made and named in events."""

    facts: LotFacts
    recall: Recall | None
    lots: tuple[Lot, ...]  # the lot itself first, then what was made of it
    packages: tuple[Lot, ...]  # logistic units that carried them
    at_risk: tuple[Lot, ...]  # what it was made from, the nearest first
    items: int
    lines: tuple[Line, ...]  # by holder, then lot; also of those that hold nothing any more

    @property
    def holders(self) -> tuple[Holder, ...]:
        return tuple({line.holder.key: line.holder for line in self.lines}.values())


def require_may_ask(connection: Connection, member: MemberRow, gtin: str) -> None:
    """NotAllowed unless the member owns the GTIN or is an active regulator: holders and their quantities stand there."""
    if member.active and Role.REGULATOR in Role(member.roles):
        return
    owner = connection.execute(select(schema.product.c.member).where(schema.product.c.gtin == gtin)).scalar()
    if owner != member.member or not member.active:
        raise NotAllowed(
            f"{member.name} may not see who holds what of GTIN {gtin}.",
            where="/gtin",
            hint="Only the GTIN's owner or a regulator may.",
        )


def affected_by(connection: Connection, gtin: str, lot: str, *, drill: bool = False) -> Affected:
    """What the newest recall of the lot reaches, or under `drill` one that would be opened now.

    NotFound when nothing is recorded about the lot, or nobody recalled it and this is no drill.
    """
    gtin, lot = check_gtin(gtin, where="gtin"), check_lot(lot, where="lot")
    facts = load_lot(connection, gtin, lot, downstream=True)
    if not drill and not facts.recalls:
        raise NotFound(
            f"Lot {lot} of GTIN {gtin} is not recalled.",
            where="lot",
            hint="Ask for a drill to see what a recall would reach (`--drill`, `?drill=true`).",
        )
    recall = None if drill else facts.recalls[0]
    forward = [one for one in facts.lots if one.downstream]
    lots = sorted((one for one in forward if one.sscc is None), key=lambda one: (abs(one.depth), one.lot_key))
    keys = frozenset(one.lot_key for one in lots)
    during = window(recall.opened_at, recall.closed_at) if recall else None
    return Affected(
        facts=facts,
        recall=recall,
        lots=tuple(lots),
        packages=tuple(sorted((one for one in forward if one.sscc), key=lambda one: one.lot_key)),
        at_risk=tuple(
            sorted((one for one in facts.lots if not one.downstream), key=lambda one: (one.depth, one.lot_key))
        ),
        items=_count_items(connection, lots),
        lines=_lines(facts, lots, keys, during),
    )


def affected_items(connection: Connection, affected: Affected) -> Iterator[tuple[str, str, list[str]]]:
    """Every serial that the recall reaches, in portions of one lot each (GTIN, lot, serials): codes made, then those that only
    events name.

    A generator over the open connection, in a fixed order; a serial is given once.
    """
    coded, code = schema.items_committed, schema.item
    for gtin, lot in _pairs(affected.lots):
        roots = select(coded.c.root).where(coded.c.gtin == gtin, coded.c.lot == lot).order_by(coded.c.root)
        before: set[str] = set()
        batches = connection.execute(roots).scalars().all()
        for root in batches:
            query = select(code.c.serial).where(code.c.root == root).order_by(code.c.position)
            for portion in connection.execute(query).scalars().partitions(_PORTION):
                serials = [one for one in portion if one not in before] if before else list(portion)
                yield gtin, lot, serials
                if len(batches) > 1:
                    before.update(serials)
    for row in _only_named(connection, affected.lots):
        yield row.gtin or "", row.lot or "", [row.serial]


# --- the parts --------------------------------------------------------------------------------------------------------


def _lines(facts: LotFacts, lots: list[Lot], keys: frozenset[str], during: Window | None) -> tuple[Line, ...]:
    told = accounts_of(facts)

    def recovers(event: StatedEvent) -> bool:
        return during is not None and fate(event) is not None and during.holds(event)

    kept = holdings(facts, keys, recovers, told)
    back = recovered(facts, keys, during, told) if during else ()
    holders = {one.holder.key: one.holder for one in kept} | {one.holder.key: one.holder for one in back}
    kept_at = {(one.holder.key, one.lot_key): one for one in kept}
    back_at = {(one.holder.key, one.lot_key): one for one in back}
    lot_of = {one.lot_key: one for one in lots}
    return tuple(
        _line(holders[at[0]], lot_of[at[1]], kept_at.get(at), back_at.get(at)) for at in sorted({*kept_at, *back_at})
    )


def _line(holder: Holder, lot: Lot, kept: Holding | None, back: Recovered | None) -> Line:
    held, underway = (kept.held, kept.on_the_way) if kept else ({}, {})
    found, returned, destroyed = (back.found, back.returned, back.destroyed) if back else ({}, {}, {})
    still = less(add([held, underway]), add([returned, destroyed]))
    return Line(holder, lot, held, underway, found, returned, destroyed, still)


def _pairs(lots: Sequence[Lot]) -> list[tuple[str, str]]:
    return [(one.gtin, one.lot) for one in lots if one.gtin and one.lot]


def _count_items(connection: Connection, lots: Sequence[Lot]) -> int:
    """Codes made for these lots, and serials that only events name."""
    table, wanted = schema.items_committed, set(_pairs(lots))
    query = select(table.c.gtin, table.c.lot, table.c.count.label("made"))
    rows = in_batches(connection, query, table.c.lot, (lot for _, lot in wanted))
    coded: int = sum(row.made for row in rows if (row.gtin, row.lot) in wanted)
    return coded + len(list(_only_named(connection, lots)))


def _only_named(connection: Connection, lots: Sequence[Lot]) -> Iterator[Row[Any]]:
    """Rows (gtin, lot, serial) of the serials that events name and no code was made for."""
    return in_batches(connection, _named(), schema.event_item.c.lot_key, (one.lot_key for one in lots))


def _named() -> Select[tuple[str | None, str | None, str | None]]:
    """Serials that events name and for which no code was made."""
    item, code = schema.event_item, schema.item
    coded = select(code.c.serial).where(code.c.gtin == item.c.gtin, code.c.serial == item.c.serial)
    return (
        select(item.c.gtin, item.c.lot, item.c.serial)
        .where(item.c.serial.is_not(None), ~coded.exists())
        .distinct()
        .order_by(item.c.gtin, item.c.serial)
    )
