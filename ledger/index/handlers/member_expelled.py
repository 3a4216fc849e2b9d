"""A member may act no more, for ever, and its validator is wanted no more; what it earned it still withdraws."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import MemberExpelled
from ledger.index.members_gone import no_validator_of
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: MemberExpelled, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"active": False, "standing": "expelled"})
    no_validator_of(rows, event.member, context)
    administer(rows, event, context, member=event.member, reason=event.reason)
