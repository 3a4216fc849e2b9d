"""A seat says yes or no to a proposal; its last word counts."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import VoteCast
from ledger.index.rows import Rows
from ledger.store.schema import proposal_vote


def apply(rows: Rows, event: VoteCast, context: Context) -> None:
    row = {"proposal": event.proposal, "member": event.member, "yes": event.yes, "block": context.block}
    rows.put(proposal_vote, row)
    administer(
        rows,
        event,
        context,
        member=event.member,
        actor=event.member,
        subject=str(event.proposal),
        proposal=event.proposal,
        yes=event.yes,
    )
