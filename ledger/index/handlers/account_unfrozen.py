"""A frozen account may be used again."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from ledger.index.context import Context
from ledger.index.events import AccountUnfrozen
from ledger.index.feed import tell
from ledger.store.schema import frozen


def apply(connection: Connection, event: AccountUnfrozen, context: Context) -> None:
    connection.execute(delete(frozen).where(frozen.c.member == event.member))
    tell(connection, event, context, member=event.member)
