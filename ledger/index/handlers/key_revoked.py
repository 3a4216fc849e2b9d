"""An operator's key acts no more, for ever."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import KeyRevoked
from ledger.index.keys import revoke_key
from ledger.index.rows import Rows


def apply(rows: Rows, event: KeyRevoked, context: Context) -> None:
    revoke_key(rows, event.key, context)
    administer(rows, event, context, member=event.member, actor=event.member, subject=event.key, key=event.key)
