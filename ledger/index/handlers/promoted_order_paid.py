"""The sponsors' parts went into an order that was paid. Told to people as order_paid."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BUDGET, ESCROW, book_all
from ledger.index.events import PromotedOrderPaid
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import promotion


def apply(rows: Rows, event: PromotedOrderPaid, context: Context) -> None:
    order_id = hex32(event.order)
    rows.move(promotion, {"order_id": order_id}, {"state": "paid"})
    movements = [(BUDGET, -event.sponsors_fen), (ESCROW, event.sponsors_fen)]
    book_all(rows, context, "promoted", movements, order_id=order_id)


def touches(event: PromotedOrderPaid, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((promotion, (hex32(event.order),)),)
