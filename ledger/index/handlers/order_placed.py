"""A merchant places an order; nothing is paid yet."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import OrderPlaced
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32, hex32s
from ledger.store.schema import order

CURRENCY = "CNY"  # 1 unit of credit is 1 fen (contracts/src/interfaces/ICredit.sol)


def apply(rows: Rows, event: OrderPlaced, context: Context) -> None:
    order_id = hex32(event.order)
    row = {
        "order_id": order_id,
        "merchant": event.merchant,
        "number": event.number,
        "amount_fen": event.amount_fen,
        "currency": CURRENCY,
        "rule": event.rule,
        "carrier": event.carrier,
        "state": "placed",
        "refunded_fen": 0,
        "placed_block": context.block,
        "placed_at": context.at,
    }
    rows.insert_once(order, row)


def append(rows: Rows, logs: Logs[OrderPlaced]) -> None:
    number, amount_fen = logs.all("number"), logs.all("amount_fen")
    tell_all(
        rows,
        logs,
        member=logs.all("merchant"),
        order_id=hex32s(logs.all("order")),
        number=number,
        amount_fen=amount_fen,
    )


def touches(event: OrderPlaced, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)
