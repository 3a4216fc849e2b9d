"""A member may not act until it is reinstated; what it said before stays."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import MemberSuspended
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import member


def apply(connection: Connection, event: MemberSuspended, context: Context) -> None:
    move(connection, member, {"member": event.member}, {"active": False})
    tell(connection, event, context, member=event.member, reason=event.reason)
