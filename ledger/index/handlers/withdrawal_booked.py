"""The bank paid a withdrawal; its credit is burned."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BANK, book, in_transit
from ledger.index.events import WithdrawalBooked
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal


def apply(rows: Rows, event: WithdrawalBooked, context: Context) -> None:
    values = {
        "state": "booked",
        "closed_block": context.block,
        "closed_at": context.at,
        "bank_reference": event.bank_reference,
    }
    rows.move(withdrawal, {"withdrawal": event.withdrawal}, values, only_if=lambda row: row["state"] == "requested")
    giver, taker = in_transit(event.member), BANK
    book(
        rows,
        context,
        "booked",
        event.amount_fen,
        giver,
        taker,
        withdrawal=event.withdrawal,
        note=event.bank_reference,
    )
    tell(
        rows,
        event,
        context,
        member=event.member,
        withdrawal=event.withdrawal,
        amount_fen=event.amount_fen,
        bank_reference=event.bank_reference,
    )


def touches(event: WithdrawalBooked, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((withdrawal, (event.withdrawal,)),)
