"""The lots of a product: those with item codes and those that an event creates."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from ledger.store.schema import event, event_item, items_committed

MOST_LOTS = 100


@dataclass(frozen=True)
class LotLine:
    """`seen` orders them: the block that first speaks of it."""

    lot: str
    coded: bool
    seen: int


def lots_of_product(connection: Connection, gtin: str) -> list[LotLine]:
    """The newest first, at most `MOST_LOTS`."""
    made = or_(event_item.c.role == "output", and_(event_item.c.role == "object", event.c.action == "ADD"))
    told = (
        select(event_item.c.lot, func.min(event.c.block).label("seen"))
        .join(event, event.c.event_hash == event_item.c.event_hash)
        .where(event_item.c.gtin == gtin, event_item.c.lot.is_not(None), made)
        .group_by(event_item.c.lot)
    )
    coded = select(items_committed.c.lot, func.min(items_committed.c.block).label("seen")).where(
        items_committed.c.gtin == gtin
    )
    found = {row.lot: LotLine(row.lot, False, row.seen) for row in connection.execute(told)}
    for row in connection.execute(coded.group_by(items_committed.c.lot)):
        found[row.lot] = LotLine(row.lot, True, min(row.seen, found[row.lot].seen) if row.lot in found else row.seen)
    return sorted(found.values(), key=lambda line: -line.seen)[:MOST_LOTS]
