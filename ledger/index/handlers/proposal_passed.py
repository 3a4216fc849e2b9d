"""The quorum says yes: the delay runs."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ProposalPassed
from ledger.index.rows import Rows
from ledger.store.schema import proposal


def apply(rows: Rows, event: ProposalPassed, context: Context) -> None:
    moved = {"state": "passed", "executable_from": event.executable_from, "expires": event.expires}
    rows.move(proposal, {"proposal": event.proposal}, moved)
    administer(
        rows,
        event,
        context,
        subject=str(event.proposal),
        proposal=event.proposal,
        executable_from=event.executable_from,
        expires=event.expires,
    )
