"""EPCIS 2.0 query (GS1 EPCIS 2.0, section 12.6): events by the standard's parameters, and the top-level resources.

A member sees what it signed, what names its places and, without others' quantities and partners, what lies up and down
from the lots that it held; a regulator sees all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from api.sessions import Member, Principal
from api.state import ledger_of
from ledger.errors import NotFound
from ledger.store.database import read
from ledger.trace.epcis.event_fields import FIELDS
from ledger.trace.query import (
    DEFAULT_PER_PAGE,
    MOST_PER_PAGE,
    RESOURCES,
    find_events,
    parameter_for,
    read_query,
    said_in_url,
    values_known,
)

router = APIRouter(prefix="/epcis", tags=["evidence"])

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_PAGING = ("perPage", "nextPageToken")
_TOKEN_LIVES = timedelta(days=1)  # ours name a row and never expire; the standard wants a time
_ENCODER = msgspec.json.Encoder(decimal_format="number")

PerPage = Annotated[int, Query(alias="perPage", ge=1, le=MOST_PER_PAGE)]
NextPageToken = Annotated[str | None, Query(alias="nextPageToken")]


@router.get(
    "/events",
    summary="Events by the parameters of the EPCIS 2.0 SimpleEventQuery: EQ_bizStep, GE_eventTime, MATCH_anyEPC, …",
    response_class=Response,
)
def query_events(
    request: Request, principal: Member, per_page: PerPage = DEFAULT_PER_PAGE, token: NextPageToken = None
) -> Response:
    """Several values of one parameter stand divided by `|`. The `Link` header leads to the next page. An unknown
    parameter is refused, never ignored."""
    return _answer(request, principal, _said(request), per_page, token)


@router.get("/events/{event_id:path}", summary="One event by its event ID or its ni: URI", response_class=Response)
def read_one_event(request: Request, principal: Member, event_id: str) -> Response:
    said = {"EQ_eventID": [event_id]}
    with read(ledger_of(request).engine) as connection:
        found = find_events(connection, ledger_of(request).documents, read_query(said), principal.member, per_page=1)
    if not found.events:
        raise NotFound(
            f"There is no event {event_id} that you may see.",
            where=event_id,
            hint="Use an eventID that stands in an event, or the ni: URI of its CBV hash, percent-encoded.",
        )
    event: dict[str, Any] = dict(found.events[0])
    event["@context"] = [CONTEXT, *_prefixes([event])]
    return _json(event)


@router.get("/eventTypes", summary="The five types of events")
def list_event_types(principal: Member) -> dict[str, Any]:
    return _collection(FIELDS)


@router.get("/eventTypes/{event_type}", summary="What can be asked about one type of events")
def read_event_type(principal: Member, event_type: str) -> dict[str, Any]:
    _require_type(event_type)
    return _collection(["events"])


@router.get("/eventTypes/{event_type}/events", summary="Events of one type", response_class=Response)
def query_events_of_type(
    request: Request,
    principal: Member,
    event_type: str,
    per_page: PerPage = DEFAULT_PER_PAGE,
    token: NextPageToken = None,
) -> Response:
    _require_type(event_type)
    return _answer(request, principal, {**_said(request), "eventType": [event_type]}, per_page, token)


Resource = Annotated[str, Path(description=f"One of {', '.join(RESOURCES)}")]


@router.get(
    "/{resource}", summary="The values that your events hold: epcs, bizSteps, bizLocations, readPoints, dispositions"
)
def list_values(request: Request, principal: Member, resource: Resource) -> dict[str, Any]:
    _require_resource(resource)
    ledger = ledger_of(request)
    with read(ledger.engine) as connection:
        return _collection(values_known(connection, ledger.documents, resource, principal.member))


@router.get("/{resource}/{value:path}/events", summary="Events with one value", response_class=Response)
def query_events_of_value(
    request: Request,
    principal: Member,
    resource: Resource,
    value: str,
    per_page: PerPage = DEFAULT_PER_PAGE,
    token: NextPageToken = None,
) -> Response:
    said = {**_said(request), _parameter_of(resource, value): [value]}
    return _answer(request, principal, said, per_page, token)


@router.get("/{resource}/{value:path}", summary="What can be asked about one value")
def read_value(principal: Member, resource: Resource, value: str) -> dict[str, Any]:
    _require_resource(resource)
    return _collection(["events"])


# --- the answer ------------------------------------------------------------------------------------------------------


def _said(request: Request) -> dict[str, list[str]]:
    return said_in_url((name, text) for name, text in request.query_params.multi_items() if name not in _PAGING)


def _answer(
    request: Request, principal: Principal, said: Mapping[str, Any], per_page: int, token: str | None
) -> Response:
    """An EPCISQueryDocument (EPCIS 2.0 section 9.5.4)."""
    query, ledger = read_query(said), ledger_of(request)
    with read(ledger.engine) as connection:
        found = find_events(connection, ledger.documents, query, principal.member, per_page=per_page, token=token)
    now = datetime.now(UTC)
    document = {
        "@context": [CONTEXT, *_prefixes(found.events)],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": found.events}}},
    }
    response = _json(document)
    if found.next_token is not None:
        pairs = [(name, one) for name, one in request.query_params.multi_items() if name not in _PAGING]
        after = urlencode([*pairs, ("perPage", per_page), ("nextPageToken", found.next_token)], quote_via=quote)
        response.headers["Link"] = f'<{request.url.path}?{after}>; rel="next"'
        response.headers["GS1-Next-Page-Token-Expires"] = f"{now + _TOKEN_LIVES:%Y-%m-%dT%H:%M:%SZ}"
    return response


def _prefixes(events: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What all events agree on stands with the document; an event keeps its own context besides."""
    agreed: dict[str, str] = {}
    for event in events:
        own = event.get("@context")
        if isinstance(own, dict):
            for name, uri in own.items():
                agreed.setdefault(name, uri)
    return [agreed] if agreed else []


def _json(document: Mapping[str, Any]) -> Response:
    headers = {
        "Vary": "Authorization, Cookie",
        "Cache-Control": "no-store",
        "GS1-EPCIS-Version": "2.0.0",
        "GS1-CBV-Version": "2.0.0",
    }
    return Response(_ENCODER.encode(document), media_type="application/json", headers=headers)


def _collection(members: Iterable[str]) -> dict[str, Any]:
    return {"@context": CONTEXT, "type": "Collection", "member": list(members)}


def _parameter_of(resource: str, value: str) -> str:
    _require_resource(resource)
    return parameter_for(resource, value)


def _require_resource(resource: str) -> None:
    if resource not in RESOURCES:
        known = ", ".join(RESOURCES)
        raise NotFound(
            f"There is nothing called {resource!r} to be asked.", where=resource, hint=f"Use one of: {known}."
        )


def _require_type(event_type: str) -> None:
    if event_type not in FIELDS:
        raise NotFound(
            f"There is no event type {event_type!r}.", where=event_type, hint=f"Use one of: {', '.join(FIELDS)}."
        )
