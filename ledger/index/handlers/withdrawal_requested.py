"""A member asks for its money: it is in transit until the bank has paid."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import available, book, in_transit
from ledger.index.events import WithdrawalRequested
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.store.schema import withdrawal


def apply(rows: Rows, event: WithdrawalRequested, context: Context) -> None:
    row = {
        "withdrawal": event.withdrawal,
        "member": event.member,
        "amount_fen": event.amount_fen,
        "state": "requested",
        "requested_block": context.block,
        "requested_at": context.at,
    }
    rows.insert_once(withdrawal, row)
    giver, taker = available(event.member), in_transit(event.member)
    book(rows, context, "withdrawn", event.amount_fen, giver, taker, withdrawal=event.withdrawal)
    tell(
        rows,
        event,
        context,
        member=event.member,
        withdrawal=event.withdrawal,
        amount_fen=event.amount_fen,
    )


def touches(event: WithdrawalRequested, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((withdrawal, (event.withdrawal,)),)
