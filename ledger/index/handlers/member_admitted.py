"""A member joins: its number, account, roles, short name and name."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import MemberAdmitted
from ledger.index.keys import put_account
from ledger.index.rows import Rows
from ledger.store.schema import member


def apply(rows: Rows, event: MemberAdmitted, context: Context) -> None:
    row = {
        "member": event.member,
        "account": event.account,
        "roles": event.roles,
        "slug": event.slug,
        "name": event.name,
        "active": True,
        "standing": "active",
        "block": context.block,
    }
    rows.insert_once(member, row)
    put_account(rows, event.account, event.member, context)
    administer(
        rows,
        event,
        context,
        member=event.member,
        subject=event.slug,
        slug=event.slug,
        name=event.name,
        roles=event.roles,
    )
