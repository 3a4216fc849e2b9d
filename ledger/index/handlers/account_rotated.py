"""A member replaced its account by another key."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import AccountRotated
from ledger.index.keys import put_account, revoke_key
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: AccountRotated, context: Context) -> None:
    rows.move(member, {"member": event.member}, {"account": event.to})
    revoke_key(rows, event.from_, context)
    put_account(rows, event.to, event.member, context)
    administer(
        rows,
        event,
        context,
        member=event.member,
        actor=event.member,
        subject=event.to,
        to=event.to,
        former=event.from_,
    )
