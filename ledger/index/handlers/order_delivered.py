"""The carrier that the order pins says that it was delivered, and by what that can be seen."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import OrderDelivered
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32, hex32s
from ledger.store.schema import order


def apply(rows: Rows, event: OrderDelivered, context: Context) -> None:
    order_id = hex32(event.order)
    values = {
        "state": "delivered",
        "delivered_block": context.block,
        "delivered_at": context.at,
        "delivered_tx": context.tx_hash,
        "evidence": event.evidence.hex(),
    }
    rows.move(order, {"order_id": order_id}, values, only_if=lambda row: row["state"] == "paid")


def append(rows: Rows, logs: Logs[OrderDelivered]) -> None:
    evidence = [value.hex() for value in logs.all("evidence")]
    tell_all(rows, logs, member=logs.all("carrier"), order_id=hex32s(logs.all("order")), evidence=evidence)


def touches(event: OrderDelivered, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)
