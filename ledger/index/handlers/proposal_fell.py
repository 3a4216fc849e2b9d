"""A proposal that had passed lost its quorum."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ProposalFell
from ledger.index.rows import Rows
from ledger.store.schema import proposal


def apply(rows: Rows, event: ProposalFell, context: Context) -> None:
    moved = {"state": "voting", "executable_from": None, "expires": None}
    rows.move(proposal, {"proposal": event.proposal}, moved)
    administer(rows, event, context, subject=str(event.proposal), proposal=event.proposal)
