"""Acting as a member: its row, and a session that its own signer signed for whoever knows the password."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass

from ledger.chain.keystore import account_of, member_of_key, password_of, password_variable
from ledger.chain.session import EVERYDAY_SCOPES, Authority, authority_of_token, encode_token, new_session, verify_token
from ledger.config import Home, Settings
from ledger.context import Ledger
from ledger.errors import NotAllowed, NotAuthenticated, NotFound
from ledger.govern.keys import member_acting_with
from ledger.operate.serve import WRITING, serving
from ledger.store.atomic import write_atomically
from ledger.store.queries.members import MemberRow, member_by_slug, members

SESSION_HOURS = 12
SHORT_SECONDS = 600


@dataclass(frozen=True)
class Access:
    """A member and the session under which its signer signs."""

    member: MemberRow
    authority: Authority
    token: str


@contextmanager
def acting(home: Home, name: str, *, scope: str | None = None) -> Iterator[tuple[Ledger, Access]]:
    """The ledger, served (what does not run yet runs for this command alone), and access as a member or an operator."""
    with serving(home, WRITING) as ledger:
        yield ledger, access_as(ledger, name, scope)


def access_as(ledger: Ledger, name: str, scope: str | None = None) -> Access:
    """Opens or reuses a session; with a `scope` always a short one of its own, which is kept nowhere.

    NotFound for an unknown member; WrongPassword; NotAuthenticated without a password.
    """
    member = require_key(ledger, name)
    if scope is not None:
        token = open_session(ledger, member, name, scope, SHORT_SECONDS)
        return Access(member, authority_of_token(token), token)
    cache = ledger.home.path / "sessions" / f"{name}.token"
    named = any(os.environ.get(variable) for variable in (password_variable(name), "SUYUAN_PASSWORD"))
    if cache.exists() and not named:  # a password that somebody names is always tried
        token = cache.read_text(encoding="utf-8").strip()
        if _still_good(ledger, token, member):
            return Access(member, authority_of_token(token), token)
    token = open_session(ledger, member, name, " ".join(EVERYDAY_SCOPES), SESSION_HOURS * 3600)
    cache.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(cache, token.encode() + b"\n")
    return Access(member, authority_of_token(token), token)


def open_session(ledger: Ledger, member: MemberRow, name: str, scope: str, seconds: int) -> str:
    """A bearer token for a new session, signed in the member's signer with the password of the key of this name."""
    session, secret = new_session(
        member=member.member,
        account=member.account,
        audience=ledger.relay_account,
        scope=scope,
        now=int(time.time()),
        seconds=seconds,
        chain_id=ledger.settings.chain_id,
    )
    authority = ledger.signer.open_session(session, password_for(ledger.home, ledger.settings, name))
    return encode_token(authority, secret)


def require_key(ledger: Ledger, name: str) -> MemberRow:
    """The member as the key of this name acts for it: its own, or an operator's with what it was given.

    NotFound; NotAllowed for an operator's key that the chain does not have, or has no more.
    """
    member = require_member(ledger, member_of_key(name))
    if name == member.slug:
        return member
    account = account_of(ledger.home, name)
    with ledger.engine.connect() as connection:
        row = member_acting_with(connection, account, int(time.time()))
    if row is None or row.member != member.member:
        raise NotAllowed(
            f"{name} is no operator of {member.name} now.",
            where=account,
            hint=f"See `suyuan key list --as {member.slug}`, and add it with `suyuan key operator add`.",
        )
    return row


def require_member(ledger: Ledger, slug: str) -> MemberRow:
    """NotFound with the members that there are."""
    with ledger.engine.connect() as connection:
        found = member_by_slug(connection, slug)
        if found is None:
            known = ", ".join(row.slug for row in members(connection))
            raise NotFound(f"There is no member {slug!r}.", hint=f"The members are: {known or 'none yet'}.")
    return found


def password_for(home: Home, settings: Settings, name: str) -> str:
    """The password of a key. NotAuthenticated when nobody named one and nobody can be asked."""
    password = password_of(home, name, development=settings.development)
    if password is None and sys.stdin.isatty():
        password = getpass(f"Password of {name}: ")
    if not password:
        raise NotAuthenticated(
            f"The password of {name} is needed.",
            hint=f"Set {password_variable(name)}, or run this in a terminal to be asked.",
        )
    return password


def _still_good(ledger: Ledger, token: str, member: MemberRow) -> bool:
    try:
        verify_token(
            token,
            now=int(time.time()) + 600,
            audience=ledger.relay_account,
            account_of_member=lambda number: member.account if number == member.member else None,
            chain_id=ledger.settings.chain_id,
        )
    except NotAuthenticated:
        return False
    return True
