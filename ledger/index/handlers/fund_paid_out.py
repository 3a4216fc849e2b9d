"""The Council paid a member from the guarantee fund."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.double_entry import FUND, available, book_all
from ledger.index.events import FundPaidOut
from ledger.index.feed import tell
from ledger.index.rows import Rows


def apply(rows: Rows, event: FundPaidOut, context: Context) -> None:
    movements = [(FUND, -event.amount_fen), (available(event.member), event.amount_fen)]
    book_all(rows, context, "fund_out", movements, note=event.reason)
    tell(rows, event, context, member=event.member, amount_fen=event.amount_fen, reason=event.reason)
