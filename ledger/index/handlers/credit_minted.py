"""Bank money became credit, held in escrow for an order. Told to people as order_paid."""

from __future__ import annotations

from itertools import repeat

from ledger.index.double_entry import BANK, ESCROW, book
from ledger.index.events import CreditMinted
from ledger.index.logs import Logs
from ledger.index.rows import Rows
from ledger.index.texts import hex32s


def append(rows: Rows, logs: Logs[CreditMinted]) -> None:
    order_id, note = hex32s(logs.all("order")), logs.all("bank_reference")
    giver, taker = repeat(BANK), repeat(ESCROW)
    book(rows, logs, "minted", logs.all("amount_fen"), giver, taker, order_id=order_id, note=note)
