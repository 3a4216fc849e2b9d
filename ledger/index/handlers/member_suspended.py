"""A member may not act until it is reinstated; what it said before stays."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import MemberSuspended
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: MemberSuspended, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"active": False, "standing": "suspended"})
    administer(rows, event, context, member=event.member, reason=event.reason)
