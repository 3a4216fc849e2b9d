"""Acting as a member: its row, and a session that its own signer signed for whoever knows the password."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass

from ledger.chain.keystore import password_of, password_variable
from ledger.chain.session import SCOPES, Authority, authority_of_token, encode_token, new_session, verify_token
from ledger.config import Home, Settings
from ledger.context import Ledger
from ledger.errors import NotAuthenticated, NotFound
from ledger.operate.serve import WRITING, serving
from ledger.store.atomic import write_atomically
from ledger.store.queries.members import MemberRow, member_by_slug, members

SESSION_HOURS = 12


@dataclass(frozen=True)
class Access:
    """A member and the session under which its signer signs."""

    member: MemberRow
    authority: Authority
    token: str


@contextmanager
def acting(home: Home, slug: str) -> Iterator[tuple[Ledger, Access]]:
    """The ledger, served (what does not run yet runs for this command alone), and access as a member."""
    with serving(home, WRITING) as ledger:
        yield ledger, access_as(ledger, slug)


def access_as(ledger: Ledger, slug: str) -> Access:
    """Opens or reuses a session. NotFound for an unknown member; WrongPassword; NotAuthenticated without a password."""
    member = require_member(ledger, slug)
    cache = ledger.home.path / "sessions" / f"{slug}.token"
    named = any(os.environ.get(name) for name in (password_variable(slug), "SUYUAN_PASSWORD"))
    if cache.exists() and not named:  # a password that somebody names is always tried
        token = cache.read_text(encoding="utf-8").strip()
        if _still_good(ledger, token, member):
            return Access(member, authority_of_token(token), token)
    token = open_session(ledger, member, " ".join(SCOPES), SESSION_HOURS * 3600)
    cache.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomically(cache, token.encode() + b"\n")
    return Access(member, authority_of_token(token), token)


def open_session(ledger: Ledger, member: MemberRow, scope: str, seconds: int) -> str:
    """A bearer token for a new session, signed in the member's signer with its password."""
    session, secret = new_session(
        member=member.member,
        account=member.account,
        audience=ledger.relay_account,
        scope=scope,
        now=int(time.time()),
        seconds=seconds,
        chain_id=ledger.settings.chain_id,
    )
    authority = ledger.signer.open_session(session, _password(ledger.home, ledger.settings, member.slug))
    return encode_token(authority, secret)


def require_member(ledger: Ledger, slug: str) -> MemberRow:
    """NotFound with the members that there are."""
    with ledger.engine.connect() as connection:
        found = member_by_slug(connection, slug)
        if found is None:
            known = ", ".join(row.slug for row in members(connection))
            raise NotFound(f"There is no member {slug!r}.", hint=f"The members are: {known or 'none yet'}.")
    return found


def _password(home: Home, settings: Settings, slug: str) -> str:
    password = password_of(home, slug, development=settings.development)
    if password is None and sys.stdin.isatty():
        password = getpass(f"Password of {slug}: ")
    if not password:
        raise NotAuthenticated(
            f"The password of {slug} is needed.",
            hint=f"Set {password_variable(slug)}, or run this in a terminal to be asked.",
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
