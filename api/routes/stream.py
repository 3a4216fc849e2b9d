"""What happens on the ledger, as it happens: server-sent events with resumption (HTML Living Standard, section 9.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.feed.hub import Subscriber
from api.feed.rows import PUBLIC_KINDS, FeedRow, position_of
from api.feed.stream import EventStream
from api.sessions import Asking, Principal
from api.state import shared_of
from ledger.errors import NotAllowed, NotFound
from ledger.store.queries.members import member_by_slug

router = APIRouter(tags=["stream"])


@router.get(
    "/stream",
    summary="Events as they are indexed (SSE); resumes behind Last-Event-ID without loss",
    response_class=Response,
)
def stream(
    request: Request,
    principal: Asking,
    kind: Annotated[
        list[str] | None, Query(description="Only these kinds, e.g. statement_recorded; may be repeated")
    ] = None,
    party: Annotated[str | None, Query(description="Only what concerns this member (its slug)")] = None,
    lot: Annotated[str | None, Query(description="Only this lot: {gtin}/{lot}")] = None,
    after: Annotated[str | None, Query(description="Start behind this id; a Last-Event-ID header wins")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Each event's id is its place in the feed, `block-log`. Kinds about orders, rules and money reach only the
    parties' own sessions."""
    shared = shared_of(request)
    number = _party(request, party)
    private = sorted(set(kind or ()) - PUBLIC_KINDS)
    if private and principal is None:
        raise NotAllowed(
            f"{', '.join(private)}: only the parties hear of these.",
            hint="Send a session: `Authorization: Bearer <session>`, or sign in.",
        )
    since = last_event_id or after
    position = position_of(since) if since else None
    subscriber = Subscriber(wanting(frozenset(kind or ()), number, lot, principal))
    return EventStream(shared.hub, subscriber, position, principal.until if principal else None)


def wanting(
    kinds: frozenset[str], party: int | None, lot: str | None, principal: Principal | None
) -> Callable[[FeedRow], bool]:
    """Whether a row passes the filters and may be heard by whoever asks."""

    def wants(row: FeedRow) -> bool:
        if kinds and row.kind not in kinds:
            return False
        if party is not None and party not in row.parties:
            return False
        if lot is not None and lot not in row.lots:
            return False
        return row.kind in PUBLIC_KINDS or (principal is not None and principal.number in row.parties)

    return wants


def _party(request: Request, slug: str | None) -> int | None:
    if slug is None:
        return None
    with shared_of(request).ledger.engine.connect() as connection:
        row = member_by_slug(connection, slug)
    if row is None:
        raise NotFound(f"There is no member {slug!r}.", where="query party", hint="See /members.")
    return row.member
