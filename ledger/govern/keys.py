"""Whose key a key is, and what it may do: a member's own, an operator's, or one that ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, select

from ledger.chain.roles import Role
from ledger.store.queries.members import MemberRow, member_by_number
from ledger.store.schema import member_key


@dataclass(frozen=True)
class KeyRow:
    """`key` in EIP-55; `roles`: those of the member's that it has; `until`: an operator's last second."""

    key: str
    member: int
    kind: Literal["account", "operator", "revoked"]
    roles: int
    until: int | None
    block: int

    def holds(self, now: int) -> bool:
        return self.kind == "account" or (self.kind == "operator" and (self.until is None or now <= self.until))


def key_row(connection: Connection, key: str) -> KeyRow | None:
    """None for a key of nobody."""
    row = connection.execute(select(member_key).where(member_key.c.key == key)).one_or_none()
    return None if row is None else KeyRow(**row._mapping)


def member_acting_with(connection: Connection, key: str, now: int) -> MemberRow | None:
    """The member as this key (EIP-55) acts for it: for an operator's, `account` is the key and `roles` what it was given.

    None for a key of nobody, or one that was revoked or has ended (`now`: Unix seconds).
    """
    row = key_row(connection, key)
    if row is None or not row.holds(now):
        return None
    found = member_by_number(connection, row.member)
    if found is None or row.kind == "account":
        return found
    return replace(found, account=key, roles=row.roles & (found.roles | Role.TREASURY), operator=True)


def keys_of(connection: Connection, member: int) -> list[KeyRow]:
    """The member's keys, its own first, revoked ones last."""
    rows = connection.execute(select(member_key).where(member_key.c.member == member))
    order = {"account": 0, "operator": 1, "revoked": 2}
    return sorted((KeyRow(**row._mapping) for row in rows), key=lambda row: (order[row.kind], -row.block, row.key))
