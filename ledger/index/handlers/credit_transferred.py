"""One member gave credit to another."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import available, book
from ledger.index.events import CreditTransferred
from ledger.index.feed import tell
from ledger.index.rows import Rows


def apply(rows: Rows, event: CreditTransferred, context: Context) -> None:
    giver, taker = available(event.from_), available(event.to)
    book(rows, context, "transferred", event.amount_fen, giver, taker, note=event.memo)
    tell(rows, event, context, member=event.to, giver=event.from_, amount_fen=event.amount_fen)
