"""One member gave credit to another."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.double_entry import available, book
from ledger.index.events import CreditTransferred
from ledger.index.feed import tell


def apply(connection: Connection, event: CreditTransferred, context: Context) -> None:
    giver, taker = available(event.from_), available(event.to)
    book(connection, context, "transferred", event.amount_fen, giver, taker, note=event.memo)
    tell(connection, event, context, member=event.to, giver=event.from_, amount_fen=event.amount_fen)
