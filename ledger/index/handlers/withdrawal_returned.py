"""The bank could not pay a withdrawal; the amount is available again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import available, book, in_transit
from ledger.index.events import WithdrawalReturned
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal


def apply(rows: Rows, event: WithdrawalReturned, context: Context) -> None:
    values = {
        "state": "returned",
        "closed_block": context.block,
        "closed_at": context.at,
        "bank_reference": event.reason,
    }
    rows.move(withdrawal, {"withdrawal": event.withdrawal}, values, only_if=lambda row: row["state"] == "requested")
    giver, taker = in_transit(event.member), available(event.member)
    book(rows, context, "returned", event.amount_fen, giver, taker, withdrawal=event.withdrawal, note=event.reason)
    tell(
        rows,
        event,
        context,
        member=event.member,
        withdrawal=event.withdrawal,
        amount_fen=event.amount_fen,
        reason=event.reason,
    )


def touches(event: WithdrawalReturned, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((withdrawal, (event.withdrawal,)),)
