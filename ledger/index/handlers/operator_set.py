"""A key acts for a member from now on, with some of its roles, until it ends."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import OperatorSet
from ledger.index.rows import Rows
from ledger.store.schema import member_key


def apply(rows: Rows, event: OperatorSet, context: Context) -> None:
    row = {"key": event.key, "member": event.member, "kind": "operator", "roles": event.roles, "until": event.until}
    rows.put(member_key, {**row, "block": context.block})
    administer(
        rows,
        event,
        context,
        member=event.member,
        actor=event.member,
        subject=event.key,
        key=event.key,
        roles=event.roles,
        until=event.until,
    )
