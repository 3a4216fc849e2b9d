"""The bank could not pay a withdrawal, or what it had paid came back; the amount is available again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BANK, available_of, book, in_transit
from ledger.index.events import WithdrawalReturned
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal as table


def apply(rows: Rows, event: WithdrawalReturned, context: Context) -> None:
    values = {
        "state": "returned",
        "closed_block": context.block,
        "closed_at": context.at,
        "bank_reference": event.reason,
    }
    rows.move(table, {"withdrawal": event.withdrawal}, values, only_if=lambda row: row["state"] != "returned")


def append(rows: Rows, logs: Logs[WithdrawalReturned]) -> None:
    withdrawal, member, amount_fen = logs.all("withdrawal"), logs.all("member"), logs.all("amount_fen")
    booked, reason = logs.all("booked"), logs.all("reason")
    giver = [BANK if was else in_transit(payee) for payee, was in zip(member, booked, strict=True)]
    taker = available_of(member)
    book(rows, logs, "returned", amount_fen, giver, taker, withdrawal=withdrawal, note=reason)
    tell_all(rows, logs, member=member, withdrawal=withdrawal, amount_fen=amount_fen, booked=booked, reason=reason)


def touches(event: WithdrawalReturned, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((table, (event.withdrawal,)),)
