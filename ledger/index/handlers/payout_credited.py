"""A payee holds its part of an order, from escrow."""

from __future__ import annotations

from itertools import repeat

from ledger.index.double_entry import ESCROW, available_of, book
from ledger.index.events import PayoutCredited
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Rows
from ledger.index.texts import hex32s
from ledger.store.schema import payout


def append(rows: Rows, logs: Logs[PayoutCredited]) -> None:
    order_id, leg, payee = hex32s(logs.all("order")), logs.all("leg"), logs.all("payee")
    amount_fen = logs.all("amount_fen")
    rows.append_columns(payout, order_id, leg, payee, amount_fen, logs.block, logs.at, logs.tx_hash)
    book(rows, logs, "credited", amount_fen, repeat(ESCROW), available_of(payee), order_id=order_id)
    tell_all(rows, logs, member=payee, order_id=order_id, leg=leg, amount_fen=amount_fen)
