"""A payee holds its part of an order, from escrow."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import ESCROW, available, book
from ledger.index.events import PayoutCredited
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import payout


def apply(rows: Rows, event: PayoutCredited, context: Context) -> None:
    order_id = hex32(event.order)
    row = {
        "order_id": order_id,
        "leg": event.leg,
        "payee": event.payee,
        "amount_fen": event.amount_fen,
        "block": context.block,
        "credited_at": context.at,
        "tx_hash": context.tx_hash,
    }
    rows.insert_once(payout, row)
    book(rows, context, "credited", event.amount_fen, ESCROW, available(event.payee), order_id=order_id)
    tell(
        rows,
        event,
        context,
        member=event.payee,
        order_id=order_id,
        leg=event.leg,
        amount_fen=event.amount_fen,
    )
