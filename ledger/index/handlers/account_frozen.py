"""A member's credit is frozen: it still receives, and can neither transfer nor withdraw."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import AccountFrozen
from ledger.index.rows import Rows
from ledger.store.schema import frozen


def apply(rows: Rows, event: AccountFrozen, context: Context) -> None:
    rows.put(frozen, {"member": event.member, "reason": event.reason, "block": context.block})
    administer(rows, event, context, member=event.member, actor=event.by or None, reason=event.reason)
