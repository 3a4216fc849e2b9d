"""The bank paid a withdrawal; its credit is burned."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BANK, book, in_transit_of
from ledger.index.events import WithdrawalBooked
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal as table


def apply(rows: Rows, event: WithdrawalBooked, context: Context) -> None:
    values = {
        "state": "booked",
        "closed_block": context.block,
        "closed_at": context.at,
        "bank_reference": event.bank_reference,
    }
    rows.move(table, {"withdrawal": event.withdrawal}, values, only_if=lambda row: row["state"] == "requested")


def append(rows: Rows, logs: Logs[WithdrawalBooked]) -> None:
    withdrawal, member, amount_fen = logs.all("withdrawal"), logs.all("member"), logs.all("amount_fen")
    bank_reference = logs.all("bank_reference")
    giver, taker = in_transit_of(member), repeat(BANK)
    book(rows, logs, "booked", amount_fen, giver, taker, withdrawal=withdrawal, note=bank_reference)
    tell_all(rows, logs, member=member, withdrawal=withdrawal, amount_fen=amount_fen, bank_reference=bank_reference)


def touches(event: WithdrawalBooked, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((table, (event.withdrawal,)),)
