"""What a member may do from now on."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import RolesChanged
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: RolesChanged, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"roles": event.roles})
    administer(rows, event, context, member=event.member, roles=event.roles)
