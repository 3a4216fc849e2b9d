"""A member ended a grant for ever."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import GrantRevoked
from ledger.index.feed import tell
from ledger.index.rows import hex32, insert_once
from ledger.store.schema import grant_revoked


def apply(connection: Connection, event: GrantRevoked, context: Context) -> None:
    grant_hash = hex32(event.grant_hash)
    insert_once(connection, grant_revoked, {"grant_hash": grant_hash, "member": event.member, "block": context.block})
    tell(connection, event, context, member=event.member, grant_hash=grant_hash)
