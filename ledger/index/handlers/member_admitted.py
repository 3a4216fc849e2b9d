"""A member joins: its number, account, roles, short name and name."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import MemberAdmitted
from ledger.index.feed import tell
from ledger.index.rows import insert_once
from ledger.store.schema import member


def apply(connection: Connection, event: MemberAdmitted, context: Context) -> None:
    row = {
        "member": event.member,
        "account": event.account,
        "roles": event.roles,
        "slug": event.slug,
        "name": event.name,
        "active": True,
        "block": context.block,
    }
    insert_once(connection, member, row)
    tell(connection, event, context, member=event.member, slug=event.slug, name=event.name, roles=event.roles)
