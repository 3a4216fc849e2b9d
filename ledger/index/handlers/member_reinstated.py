"""A suspended member may act again."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import MemberReinstated
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: MemberReinstated, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"active": True, "standing": "active"})
    administer(rows, event, context, member=event.member)
