"""Logging a batch: a form of five fields for somebody in a field. Complete without script; with it, entries survive a
lost network.

The form acts under a grant that the member signed (the contract checks it) and in the member's session (its signer
computes the salt). Pressing twice, or sending again after a lost answer, is the same statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse, RedirectResponse

from api.addresses import scan_path
from api.errors import PROBLEM_JSON, problem_of
from api.pages.batch_entry import UNITS, read_entry, utc_text
from api.pages.language import language_of, say
from api.pages.render import prefers_html
from api.reads.captures import chain_states, job_of
from api.reads.members import places_of, products_of
from api.sessions import Member, Principal, scoped
from api.state import ledger_of, pages_of
from ledger.chain.roles import Act
from ledger.errors import BrokenEvidence, NotAllowed, NotFound, SuyuanError
from ledger.trace.capture import SignedGrant, capture
from ledger.trace.epcis import read_document
from ledger.trace.grants import usable_grant

router = APIRouter(include_in_schema=False)

DEFAULT_ZONE = "+08:00"


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.api_route("/log", methods=["GET", "HEAD"])
def log_form(request: Request, principal: Member) -> Response:
    return _page(request, principal, {})


@router.post("/log")
@router.post("/log/entries")
def log_batch(
    request: Request,
    form: Annotated[dict[str, str], Depends(_form)],
    principal: Annotated[Principal, Depends(scoped("capture"))],
) -> Response:
    """Records the entry. Answers with a page, or with JSON to the script; a fault leaves nothing written."""
    ledger = ledger_of(request)
    grant = _grant(request, principal)
    with ledger.engine.connect() as connection:
        products = [one.gtin for one in products_of(connection, principal.number)]
        places = [one.gln for one in places_of(connection, principal.number)]
    entry, faults = read_entry(form, products, places, datetime.now(UTC))
    if entry is None:
        return _faulty(request, principal, form, faults)
    if grant is None:
        raise NotAllowed(
            f"{principal.name} has given this website no grant to record for it.",
            hint=f"Give one with `suyuan grant --as {principal.slug}`.",
        )
    try:
        result = capture(
            ledger, entry.document(), source="form", member=principal.member, authority=principal.authority, grant=grant
        )
    except SuyuanError as error:
        if not prefers_html(request):
            raise
        return _page(request, principal, form, refused=str(error), status=problem_of(error)["status"])
    href = f"/log/{result.job}"
    if not prefers_html(request):
        outcome = "repeated" if not result.accepted else "recorded"
        return JSONResponse({"outcome": outcome, "lot": entry.lot, "href": href})
    return RedirectResponse(href, status_code=303)


@router.api_route("/log/{job}", methods=["GET", "HEAD"])
def log_done(request: Request, job: str, principal: Member) -> Response:
    """What became of an entry: recorded or recorded before, and whether it stands on the chain yet."""
    ledger = ledger_of(request)
    with ledger.engine.connect() as connection:
        row = job_of(connection, job, principal.number)
        event = _only_event(json.loads(row.result)["events"], job)
        state = chain_states(connection, [event["commitment"]], principal.number)[event["commitment"]]
    opening = ledger.documents.get_opening(event["commitment"])
    if opening is None:
        raise BrokenEvidence(f"The opening of {event['commitment']} is gone from the document store.", where=job)
    told = read_document(ledger.documents.get(opening.document), source="document").events[opening.position]
    goods = told.items[0].epc
    context = {
        "lot": goods.lot,
        "outcome": event["outcome"],
        "event_hash": event["ni"],
        "chain": state,
        "trace_href": scan_path(goods.gtin or "", goods.lot),
    }
    return pages_of(request).render(request, "log_done.html", context)


def _only_event(events: list[dict[str, Any]], job: str) -> dict[str, Any]:
    if len(events) != 1:
        raise NotFound(f"The capture job {job} is no entry of this form.", where=job, hint=f"See /epcis/capture/{job}.")
    return events[0]


def _grant(request: Request, principal: Principal) -> SignedGrant | None:
    ledger = ledger_of(request)
    now = int(datetime.now(UTC).timestamp())
    with ledger.engine.connect() as connection:
        return usable_grant(
            connection, ledger.deployment, principal.number, ledger.relay_account, Act.RECORD_STATEMENT, now
        )


def _faulty(request: Request, principal: Principal, form: Mapping[str, str], faults: Mapping[str, bool]) -> Response:
    if prefers_html(request):
        return _page(request, principal, form, faults=faults, status=422)
    language = language_of(request)
    detail = " ".join(say(language, f"log.fault.{name}") for name in faults)
    problem = {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": detail,
        "where": ", ".join(faults),
    }
    return JSONResponse(problem, status_code=422, media_type=PROBLEM_JSON)


def _page(
    request: Request,
    principal: Principal,
    form: Mapping[str, str],
    *,
    faults: Mapping[str, bool] | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    with ledger_of(request).engine.connect() as connection:
        products = products_of(connection, principal.number)
        places = places_of(connection, principal.number)
    obstacle = _obstacle(request, principal, bool(products), bool(places))
    zone = form.get("zone", DEFAULT_ZONE)
    values: dict[str, Any] = {name: form.get(name, "") for name in ("product", "lot", "quantity", "unit", "place")}
    # A time that was refused is made anew; any other stays, so that sending again is the same statement.
    keep = form.get("at") if form.get("at") and not (faults or {}).get("at") else None
    values |= {"at": keep or utc_text(datetime.now(UTC)), "zone": zone if keep else DEFAULT_ZONE}
    context = {
        "obstacle": obstacle,
        "ready": not obstacle,
        "products": products,
        "places": places,
        "units": UNITS,
        "values": values,
        "faults": {
            name: bool((faults or {}).get(name)) for name in ("product", "lot", "quantity", "unit", "place", "at")
        },
        "faulty": any((faults or {}).values()),
        "refused": refused,
    }
    # Not `no-store`, and sent to another address than its own (a POST makes browsers forget what they keep of its target,
    # RFC 9111, 4.4): whoever goes back must find the form as it was sent, with its time, so that sending it again is the
    # same statement.
    headers = {"Cache-Control": "private, no-cache"}
    return pages_of(request).render(request, "log.html", context, status=status, headers=headers)


def _obstacle(request: Request, principal: Principal, products: bool, places: bool) -> str | None:
    """The key of what stands in the way, if anything does."""
    if not principal.evidence:
        return "log.not_evidence"
    if not products:
        return "log.no_products"
    if not places:
        return "log.no_places"
    return None if _grant(request, principal) else "grant"
