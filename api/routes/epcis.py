"""EPCIS 2.0 capture (GS1 EPCIS 2.0, section 12.6): a document comes in under the member's session and becomes
statements."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response

from api.body import RawBody
from api.confirmation import accepted
from api.reads.captures import job_state
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from ledger.errors import BadInput
from ledger.trace.capture import capture
from ledger.trace.epcis.envelope import open_envelope

router = APIRouter(tags=["evidence"])

_DOCUMENT = {"schema": {"type": "object", "description": "An EPCIS 2.0 document (EPCISDocument)"}}


@router.post(
    "/epcis/capture",
    status_code=202,
    summary="Capture an EPCIS 2.0 document in the name of the session's member",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": _DOCUMENT,
                "application/ld+json": _DOCUMENT,
                "application/xml": {"schema": {"type": "string"}},
            },
        }
    },
)
def capture_document(
    request: Request,
    response: Response,
    body: RawBody,
    principal: Annotated[Principal, Depends(scoped("capture"))],
    behaviour: Annotated[Literal["rollback", "proceed"], Header(alias="GS1-Capture-Error-Behaviour")] = "rollback",
) -> dict[str, Any]:
    """Answers once document and statements are stored and queued; `Location` tells how they fare on the chain. An
    event that this member said before is `repeated` and changes nothing. `rollback` (the default) refuses the whole
    document for one bad event; `proceed` takes the good ones."""
    ledger = ledger_of(request)
    result = capture(
        ledger, body, source="request body", member=principal.member, authority=principal.authority, behaviour=behaviour
    )
    response.headers["Location"] = f"/epcis/capture/{result.job}"
    response.headers["GS1-Capture-Error-Behaviour"] = behaviour
    with ledger.engine.connect() as connection:
        return accepted(request, job_state(connection, result.job, principal.number))


@router.post(
    "/epcis/events",
    status_code=201,
    summary="Capture one EPCIS 2.0 event in the name of the session's member",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": _DOCUMENT}}},
)
def capture_event(
    request: Request,
    response: Response,
    body: RawBody,
    principal: Annotated[Principal, Depends(scoped("capture"))],
) -> dict[str, Any]:
    """The event itself, with its own `@context`; `Location` is where it can be read once it stands on the chain. Said
    again, it changes nothing and answers 200."""
    ledger = ledger_of(request)
    _require_one_event(body)
    result = capture(ledger, body, source="request body", member=principal.member, authority=principal.authority)
    (event,) = result.events
    response.headers["Location"] = f"/epcis/events/{quote(event.ni, safe='')}"
    response.status_code = 201 if event.outcome == "accepted" else 200
    with ledger.engine.connect() as connection:
        return accepted(request, job_state(connection, result.job, principal.number))


def _require_one_event(body: bytes) -> None:
    envelope = open_envelope(body, "request body")
    if envelope.is_xml or "epcisBody" in envelope.head or len(envelope.events) != 1:
        raise BadInput(
            "One event is taken here, not a document.",
            where="request body",
            hint="Send the event as a JSON object with its @context; send documents to /epcis/capture.",
        )


@router.get(
    "/epcis/capture/{job}",
    summary="How a capture job fares: accepted, repeated and refused events, and their statements on the chain",
)
def read_capture_job(request: Request, job: str, principal: Member) -> dict[str, Any]:
    with ledger_of(request).engine.connect() as connection:
        return job_state(connection, job, principal.number)
