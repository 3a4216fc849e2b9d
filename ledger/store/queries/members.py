"""Members as rows: by slug, by number, by the place that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.errors import NotAllowed
from ledger.store.schema import location, member


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the contracts have it. `account` is EIP-55, `roles` the contract's bits."""

    member: int
    account: str
    roles: int
    slug: str
    name: str
    active: bool
    standing: str  # active, suspended, expelled, left
    block: int
    operator: bool = False  # seen through an operator's key: `account` is that key, `roles` what it was given


def require_active(member: MemberRow, act: str) -> None:
    """NotAllowed when the member may not act now. The contracts check it again."""
    if not member.active:
        word = "has left" if member.standing == "left" else f"is {member.standing}"
        raise NotAllowed(f"{member.name} {word} and may not {act}.", hint="Ask the consortium.")


def member_by_slug(connection: Connection, slug: str) -> MemberRow | None:
    return _row(connection.execute(select(member).where(member.c.slug == slug)).one_or_none())


def member_by_number(connection: Connection, number: int) -> MemberRow | None:
    return _row(connection.execute(select(member).where(member.c.member == number)).one_or_none())


def member_of_gln(connection: Connection, gln: str) -> MemberRow | None:
    """The member that holds a location (13 digits)."""
    holder = select(member).join(location, location.c.member == member.c.member).where(location.c.gln == gln)
    return _row(connection.execute(holder).one_or_none())


def members(connection: Connection) -> list[MemberRow]:
    """All, in the order in which they were admitted."""
    return [MemberRow(**row._mapping) for row in connection.execute(select(member).order_by(member.c.member))]


def _row(row: Row[Any] | None) -> MemberRow | None:
    return None if row is None else MemberRow(**row._mapping)
