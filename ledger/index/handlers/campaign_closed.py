"""What a campaign that has ended neither spent nor reserved is its sponsor's again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BUDGET, available, book_all
from ledger.index.events import CampaignClosed
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.store.schema import campaign, campaign_return


def apply(rows: Rows, event: CampaignClosed, context: Context) -> None:
    closed = rows.require(campaign, event.campaign)
    fen = event.returned_fen
    rows.append(campaign_return, (context.block, context.log_index, event.campaign, fen, context.at))
    book_all(rows, context, "budget_out", [(BUDGET, -fen), (available(closed["sponsor"]), fen)], note=closed["name"])
    tell(rows, event, context, member=closed["sponsor"], campaign=event.campaign, amount_fen=fen)


def touches(event: CampaignClosed, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((campaign, (event.campaign,)),)
