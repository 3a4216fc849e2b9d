"""A payee had spent what a refund takes back: the guarantee fund pays, or the shopper waits, and the payee owes it."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import FUND, TO_SHOPPERS, available, book_all
from ledger.index.events import RefundUncovered
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.store.schema import debt


def apply(rows: Rows, event: RefundUncovered, context: Context) -> None:
    owed = event.fund_fen + event.due_fen
    movements = [(available(event.member), owed), (FUND, -event.fund_fen), (TO_SHOPPERS, -event.due_fen)]
    book_all(rows, context, "uncovered", movements)
    rows.append(debt, (context.block, context.log_index, event.member, owed, event.due_fen, context.at))
    tell(rows, event, context, member=event.member, fund_fen=event.fund_fen, due_fen=event.due_fen)
