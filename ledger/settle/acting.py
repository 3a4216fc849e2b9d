"""Who acts: a member, and the session under which its signer will sign. The contracts check all of this again; here it
becomes a sentence before anything is queued.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.roles import Role
from ledger.chain.session import Authority
from ledger.errors import BadInput, NotAllowed, NotAuthenticated
from ledger.store.queries import members
from ledger.store.queries.members import MemberRow, member_by_number, member_by_slug


@dataclass(frozen=True)
class Acting:
    """A member and its session; `authority` None only where this home's own key belongs to the account."""

    member: MemberRow
    authority: Authority | None

    @property
    def account(self) -> str:
        return self.member.account


def require_active(acting: Acting, act: str) -> None:
    """NotAuthenticated when the session is another member's; NotAllowed when the member is suspended."""
    _require_own_session(acting)
    members.require_active(acting.member, act)


def require_treasury(acting: Acting, act: str) -> None:
    """NotAuthenticated when the session is another member's; NotAllowed for an operator that was not given the treasury."""
    _require_own_session(acting)
    if acting.member.operator and Role.TREASURY not in Role(acting.member.roles):
        raise NotAllowed(
            f"This operator of {acting.member.name} may not {act}.",
            hint="Act with the member's own key, or have it give the role treasury.",
        )


def _require_own_session(acting: Acting) -> None:
    member, authority = acting.member, acting.authority
    if authority is not None and authority.session.account.lower() != member.account.lower():
        raise NotAuthenticated(
            f"The session is member {authority.session.member}'s, not {member.name}'s.", hint="Log in as that member."
        )


def require_role(acting: Acting, role: Role, act: str) -> None:
    """As `require_active`; NotAllowed too when the member does not have the role."""
    require_active(acting, act)
    held = Role(acting.member.roles)
    if not held & role:
        raise NotAllowed(
            f"{acting.member.name} is admitted as {held.words() or 'nothing'} and may not {act}.",
            hint=f"Act as a member with the role {role.words()}.",
        )


def may(acting: Acting, scope: str) -> bool:
    """Whether the session covers a scope; the home's own key needs none."""
    return acting.authority is None or scope in acting.authority.session.words()


def member_named(connection: Connection, slug: str, *, where: str | None = None) -> MemberRow:
    """The member; BadInput when no member goes by that slug."""
    row = member_by_slug(connection, slug)
    if row is None:
        raise BadInput(f"There is no member {slug!r}.", where=where, hint="See `suyuan members`.", slug=slug)
    return row


def member_numbered(connection: Connection, number: int, *, where: str | None = None) -> MemberRow:
    """The member; BadInput when there is no such number."""
    row = member_by_number(connection, number)
    if row is None:
        raise BadInput(f"There is no member {number}.", where=where, hint="See `suyuan members`.", member=number)
    return row
