"""A member's credit is frozen: it still receives, and can neither transfer nor withdraw."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import AccountFrozen
from ledger.index.feed import tell
from ledger.index.rows import put
from ledger.store.schema import frozen


def apply(connection: Connection, event: AccountFrozen, context: Context) -> None:
    put(connection, frozen, {"member": event.member, "reason": event.reason, "block": context.block})
    tell(connection, event, context, member=event.member, reason=event.reason)
