"""What happens on the ledger, as it happens: server-sent events with resumption (HTML Living Standard, section 9.2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.feed.stream import EventStream
from api.feed.subscriber import Subscriber
from api.sessions import Asking
from api.state import shared_of
from ledger.errors import NotAllowed, NotFound
from ledger.notify.feed import position_of
from ledger.notify.interest import Interest
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
    parties' own sessions. `reorganised` says that the blocks behind `ancestor` were replaced: forget what was told of
    them; what stands instead follows. A reader that does not keep up is cut off and resumes."""
    shared = shared_of(request)
    interest = Interest(
        kinds=frozenset(kind or ()),
        party=number_of(request, party) if party is not None else None,
        lot=lot,
        listener=principal.number if principal else None,
    )
    if interest.private and principal is None:
        raise NotAllowed(
            f"{', '.join(sorted(interest.private))}: only the parties hear of these.",
            hint="Send a session: `Authorization: Bearer <session>`, or sign in.",
        )
    since = last_event_id or after
    position = position_of(since) if since else None
    shared.hub.require_room()
    return EventStream(shared.hub, Subscriber(interest), position, principal.until if principal else None)


def number_of(request: Request, slug: str) -> int:
    """The member's number; NotFound for a slug that nobody has."""
    with shared_of(request).ledger.engine.connect() as connection:
        row = member_by_slug(connection, slug)
    if row is None:
        raise NotFound(f"There is no member {slug!r}.", where="query party", hint="See /members.")
    return row.member
