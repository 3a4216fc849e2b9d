"""The proposer took its proposal back."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ProposalWithdrawn
from ledger.index.rows import Rows
from ledger.store.schema import proposal


def apply(rows: Rows, event: ProposalWithdrawn, context: Context) -> None:
    rows.move(proposal, {"proposal": event.proposal}, {"state": "withdrawn"})
    administer(rows, event, context, subject=str(event.proposal), proposal=event.proposal)
