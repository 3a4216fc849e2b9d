"""The Council gave a member a new account; all its other keys are revoked."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import AccountReset
from ledger.index.keys import put_account, revoke_all_keys
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: AccountReset, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"account": event.to})
    revoke_all_keys(rows, event.member, context)
    put_account(rows, event.to, event.member, context)
    administer(rows, event, context, member=event.member, subject=event.to, to=event.to, former=event.from_)
