"""A member asks for its money: it is in transit until the bank has paid."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import available_of, book, in_transit_of
from ledger.index.events import WithdrawalRequested
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal as table


def apply(rows: Rows, event: WithdrawalRequested, context: Context) -> None:
    row = {
        "withdrawal": event.withdrawal,
        "member": event.member,
        "amount_fen": event.amount_fen,
        "state": "requested",
        "requested_block": context.block,
        "requested_at": context.at,
    }
    rows.insert_once(table, row)


def append(rows: Rows, logs: Logs[WithdrawalRequested]) -> None:
    withdrawal, member, amount_fen = logs.all("withdrawal"), logs.all("member"), logs.all("amount_fen")
    giver, taker = available_of(member), in_transit_of(member)
    book(rows, logs, "withdrawn", amount_fen, giver, taker, withdrawal=withdrawal)
    tell_all(rows, logs, member=member, withdrawal=withdrawal, amount_fen=amount_fen)


def touches(event: WithdrawalRequested, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((table, (event.withdrawal,)),)
