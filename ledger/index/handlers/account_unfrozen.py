"""A frozen account may be used again."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import AccountUnfrozen
from ledger.index.rows import Rows
from ledger.store.schema import frozen


def apply(rows: Rows, event: AccountUnfrozen, context: Context) -> None:
    rows.remove(frozen, event.member)
    administer(rows, event, context, member=event.member, actor=event.by or None)
