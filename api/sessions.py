"""Who asks. A program shows `Authorization: Bearer <token>`; a browser carries the same token in a cookie.

The token is a session that the member signed (ledger.chain.session); this API holds no member's key. A cookie goes
along with whatever a foreign page makes the browser send, so a write that rests on it must come from our own origin.
A bearer token does not, and needs no such check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from api.state import ledger_of
from ledger.chain.keystore import checksummed
from ledger.chain.roles import EVIDENCE, Role
from ledger.chain.session import Authority, authority_of_token, decode_token, verify_token
from ledger.context import Ledger
from ledger.errors import NotAllowed, NotAuthenticated
from ledger.govern.keys import key_row, member_acting_with
from ledger.store.queries.members import MemberRow, member_by_number

COOKIE = "suyuan_session"
MOST_TOKEN_CHARACTERS = 3800  # browsers keep cookies of 4096 bytes, the name and attributes included
_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Principal:
    """A member with a session: what it may do here (`scope`) and until when (Unix seconds).

    An operator's session is the member's as its key acts for it: `member.account` is the key, `member.roles` what it was
    given.
    """

    member: MemberRow
    authority: Authority
    scope: frozenset[str]
    until: int

    @property
    def number(self) -> int:
        return self.member.member

    @property
    def slug(self) -> str:
        return self.member.slug

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def evidence(self) -> bool:
        """Whether it may record events."""
        return bool(Role(self.member.roles) & EVIDENCE)

    @property
    def merchant(self) -> bool:
        return Role.MERCHANT in Role(self.member.roles)

    @property
    def regulates(self) -> bool:
        """Whether it is a regulator in good standing."""
        return self.member.active and Role.REGULATOR in Role(self.member.roles)


def principal_of_token(ledger: Ledger, token: str) -> Principal:
    """NotAuthenticated unless the token is a member's session for this API, in time."""
    known: dict[int, MemberRow] = {}
    now, key = int(time.time()), checksummed(decode_token(token)[0].session.account)

    def account_of_member(number: int) -> str | None:
        with ledger.engine.connect() as connection:
            acting = member_acting_with(connection, key, now)
            if acting is None and (former := key_row(connection, key)) is not None and former.member == number:
                raise NotAuthenticated(
                    "The key that signed this session has ended, and the session with it.",
                    hint="Log in again with the member's key of now.",
                )
            row = acting if acting is not None and acting.member == number else member_by_number(connection, number)
        if row is None:
            return None
        known[number] = row
        return row.account

    session = verify_token(
        token,
        now=now,
        audience=ledger.relay_account,
        account_of_member=account_of_member,
        chain_id=ledger.settings.chain_id,
    )
    return Principal(known[session.member], authority_of_token(token), session.words(), session.until)


def principal_or_none(request: Request) -> Principal | None:
    """Whoever asks, or None without a session. A session that is shown and does not hold is refused, except that a
    page simply forgets a cookie that ran out."""
    said = request.headers.get("authorization")
    if said is not None:
        scheme, _, token = said.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated(
                "The Authorization header is not `Bearer <session>`.",
                hint="Make a session with `suyuan session --as MEMBER`.",
            )
        return _remembered(request, principal_of_token(ledger_of(request), token.strip()))
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    if request.method not in _READING:
        require_own_origin(request)
    try:
        return _remembered(request, principal_of_token(ledger_of(request), token))
    except NotAuthenticated:
        if request.method in _READING:
            return None
        raise


def _remembered(request: Request, principal: Principal) -> Principal:
    """Kept with the request, for the page's frame."""
    request.state.principal = principal
    return principal


def principal_required(request: Request) -> Principal:
    """Whoever asks; NotAuthenticated without a session."""
    principal = principal_or_none(request)
    if principal is None:
        raise NotAuthenticated(
            "This needs a member's session.", hint="Send `Authorization: Bearer <session>`, or sign in at /login."
        )
    return principal


def scoped(word: str) -> Callable[[Request], Principal]:
    """A dependency: the principal, whose session covers `word`. NotAllowed otherwise."""

    def principal_with_scope(request: Request) -> Principal:
        principal = principal_required(request)
        if word not in principal.scope:
            raise NotAllowed(
                f"The session of {principal.name} does not cover {word!r}; "
                f"it covers {', '.join(sorted(principal.scope))}.",
                hint=f"Make one with `suyuan session --as {principal.slug} --scope {word}`.",
            )
        return principal

    return principal_with_scope


def own_key(principal: Principal, what: str) -> None:
    """NotAllowed for an operator's session: this is for the member's own key alone."""
    if principal.member.operator:
        raise NotAllowed(
            f"{what} takes the own key of {principal.name}, and this session is an operator's.",
            hint=f"Make one with `suyuan session --as {principal.slug}`.",
        )


Asking = Annotated[Principal | None, Depends(principal_or_none)]
Member = Annotated[Principal, Depends(principal_required)]


def require_own_origin(request: Request) -> None:
    """NotAllowed unless the browser says that the request comes from a page of this very origin (Fetch, section
    3.2)."""
    origin = request.headers.get("origin")
    if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
        return
    if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed(
            "This form was sent from another website, or the browser did not say from where.",
            hint="Open the page here and send it again.",
        )


def set_session_cookie(response: Response, request: Request, token: str, until: int) -> None:
    """Strict: no foreign page, and no link from one, brings the session along. Out of reach of scripts."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=max(0, until - int(time.time())),
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
