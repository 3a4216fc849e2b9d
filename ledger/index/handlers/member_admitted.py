"""A member joins: its number, account, roles, short name and name."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import MemberAdmitted
from ledger.index.feed import tell
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
        "block": context.block,
    }
    rows.insert_once(member, row)
    tell(rows, event, context, member=event.member, slug=event.slug, name=event.name, roles=event.roles)
