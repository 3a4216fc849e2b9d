"""A promoted order was not paid in time: what it reserved of budgets is free again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import ReservationReleased
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order, promotion


def apply(rows: Rows, event: ReservationReleased, context: Context) -> None:
    order_id = hex32(event.order)
    rows.move(promotion, {"order_id": order_id}, {"state": "released"}, only_if=lambda row: row["state"] == "reserved")
    placed = rows.require(order, order_id)
    tell(rows, event, context, member=placed["merchant"], order_id=order_id)


def touches(event: ReservationReleased, _context: Context) -> Iterable[tuple[Table, Key]]:
    order_id = hex32(event.order)
    return ((promotion, (order_id,)), (order, (order_id,)))
