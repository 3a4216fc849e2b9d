"""The buyer's money is held in escrow; the order pins the rule's version and its hash."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.index.context import Context
from ledger.index.events import OrderPaid
from ledger.index.feed import tell
from ledger.index.rows import hex32, move
from ledger.store.schema import order


def apply(connection: Connection, event: OrderPaid, context: Context) -> None:
    order_id = hex32(event.order)
    values = {
        "state": "paid",
        "version": event.version,
        "legs_hash": hex32(event.legs_hash),
        "paid_block": context.block,
        "paid_at": context.at,
        "bank_reference": event.bank_reference,
    }
    move(connection, order, {"order_id": order_id}, values, only_if=order.c.state == "placed")
    merchant = connection.execute(select(order.c.merchant).where(order.c.order_id == order_id)).scalar_one()
    tell(connection, event, context, member=merchant, order_id=order_id, amount_fen=event.amount_fen)
