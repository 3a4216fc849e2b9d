"""Bank money became credit, held in escrow for an order. Told to people as order_paid."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import BANK, ESCROW, book
from ledger.index.events import CreditMinted
from ledger.index.rows import Rows
from ledger.index.texts import hex32


def apply(rows: Rows, event: CreditMinted, context: Context) -> None:
    order_id = hex32(event.order)
    book(rows, context, "minted", event.amount_fen, BANK, ESCROW, order_id=order_id, note=event.bank_reference)
