"""A member paid into the guarantee fund; what is due to shoppers goes on to them."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import FUND, TO_SHOPPERS, available, book_all
from ledger.index.events import FundPaidIn
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.store.schema import debt


def apply(rows: Rows, event: FundPaidIn, context: Context) -> None:
    to_fund = event.amount_fen - event.due_fen
    movements = [(available(event.member), -event.amount_fen), (TO_SHOPPERS, event.due_fen), (FUND, to_fund)]
    book_all(rows, context, "fund_in", movements)
    if event.due_fen:
        rows.append(debt, (context.block, context.log_index, None, 0, -event.due_fen, context.at))
    tell(rows, event, context, member=event.member, amount_fen=event.amount_fen, due_fen=event.due_fen)
