"""A member ended a grant for ever."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import GrantRevoked
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import grant_revoked


def apply(rows: Rows, event: GrantRevoked, context: Context) -> None:
    grant_hash = hex32(event.grant_hash)
    rows.insert_once(grant_revoked, {"grant_hash": grant_hash, "member": event.member, "block": context.block})
    tell(rows, event, context, member=event.member, grant_hash=grant_hash)
