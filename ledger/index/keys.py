"""The member_key table: which keys are whose."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.rows import Rows
from ledger.store.schema import member_key

ALL_ROLES = 2**32 - 1


def put_account(rows: Rows, key: str, member: int, context: Context) -> None:
    """The key is the member's account: it has all that the member has."""
    row = {"key": key, "member": member, "kind": "account", "roles": ALL_ROLES, "until": None, "block": context.block}
    rows.put(member_key, row)


def revoke_key(rows: Rows, key: str, context: Context) -> None:
    rows.move(member_key, {"key": key}, {"kind": "revoked", "block": context.block})


def revoke_all_keys(rows: Rows, member: int, context: Context) -> None:
    for row in rows.find(member_key, member_key.c.member == member, member_key.c.kind != "revoked"):
        rows.put(member_key, {**row, "kind": "revoked", "block": context.block})
