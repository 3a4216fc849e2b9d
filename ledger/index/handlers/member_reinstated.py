"""A suspended member may act again."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import MemberReinstated
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import member


def apply(connection: Connection, event: MemberReinstated, context: Context) -> None:
    move(connection, member, {"member": event.member}, {"active": True})
    tell(connection, event, context, member=event.member)
