"""A seat proposes that the Council make a call."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ProposalMade
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import proposal


def apply(rows: Rows, event: ProposalMade, context: Context) -> None:
    data = hex32(event.data)
    row = {
        "proposal": event.proposal,
        "member": event.member,
        "target": event.target,
        "data": data,
        "reason": event.reason,
        "state": "voting",
        "voting_ends": event.voting_ends,
        "at": context.at,
        "block": context.block,
    }
    rows.insert_once(proposal, row)
    administer(
        rows,
        event,
        context,
        member=event.member,
        actor=event.member,
        subject=str(event.proposal),
        proposal=event.proposal,
        target=event.target,
        data=data,
        voting_ends=event.voting_ends,
        reason=event.reason,
    )
