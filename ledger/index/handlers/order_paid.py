"""The buyer's money is held in escrow; the order pins the rule's version and its hash."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import OrderPaid
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order


def apply(rows: Rows, event: OrderPaid, context: Context) -> None:
    order_id = hex32(event.order)
    values = {
        "state": "paid",
        "version": event.version,
        "legs_hash": hex32(event.legs_hash),
        "paid_block": context.block,
        "paid_at": context.at,
        "bank_reference": event.bank_reference,
    }
    paid = rows.move(order, {"order_id": order_id}, values, only_if=lambda row: row["state"] == "placed")
    tell(rows, event, context, member=paid["merchant"], order_id=order_id, amount_fen=event.amount_fen)


def touches(event: OrderPaid, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)
