"""What a member may do from now on."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import RolesChanged
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import member


def apply(connection: Connection, event: RolesChanged, context: Context) -> None:
    move(connection, member, {"member": event.member}, {"roles": event.roles})
    tell(connection, event, context, member=event.member, roles=event.roles)
