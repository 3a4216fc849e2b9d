"""Every fen of an order is placed. The credits themselves are told leg by leg: payout_credited."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import OrderSettled
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order


def apply(rows: Rows, event: OrderSettled, context: Context) -> None:
    values = {
        "state": "settled",
        "settled_block": context.block,
        "settled_at": context.at,
        "settled_tx": context.tx_hash,
    }
    rows.move(order, {"order_id": hex32(event.order)}, values, only_if=lambda row: row["state"] == "delivered")


def touches(event: OrderSettled, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)
