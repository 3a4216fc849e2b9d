"""A sponsor opened a campaign. Its budget is told by escrow_funded."""

from __future__ import annotations

import json

from ledger.index.context import Context
from ledger.index.events import CampaignOpened
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.settle.price import KINDS
from ledger.store.schema import campaign


def apply(rows: Rows, event: CampaignOpened, context: Context) -> None:
    terms = event.terms
    kind = KINDS[terms.kind].value
    row = {
        "campaign": event.campaign,
        "sponsor": event.sponsor,
        "name": event.name,
        "kind": kind,
        "rank": terms.rank,
        "repeats": terms.repeats,
        "sponsor_bps": terms.sponsor_bps,
        "bps": terms.bps,
        "value_fen": terms.value_fen,
        "threshold_fen": terms.threshold_fen,
        "cap_fen": terms.cap_fen,
        "budget_fen": terms.budget_fen,
        "payee": terms.payee,
        "hold_seconds": terms.hold_seconds,
        "starts": terms.starts,
        "ends": terms.ends,
        "rules": json.dumps(event.rules),
        "opened_block": context.block,
        "opened_at": context.at,
    }
    rows.insert_once(campaign, row)
    tell(
        rows,
        event,
        context,
        member=event.sponsor,
        campaign=event.campaign,
        name=event.name,
        campaign_kind=kind,
        budget_fen=terms.budget_fen,
    )
