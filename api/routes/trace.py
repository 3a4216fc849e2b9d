"""A lot's journey as JSON, and the verification of a code step by step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.pages.language import language_of
from api.pages.render import SECURITY_HEADERS
from api.reads.events import leads_to_codes
from api.reads.seen_whole import seen_whole
from api.sessions import Asking
from api.state import ledger_of, shared_of
from ledger.chain.witness import Witness
from ledger.context import Ledger
from ledger.errors import BadInput, NotAllowed, NotFound, Unavailable
from ledger.store.database import read
from ledger.trace.as_of import read_moment
from ledger.trace.epcis_document import epcis_document
from ledger.trace.facts import find_lots, load_lot
from ledger.trace.graph_svg import graph_svg
from ledger.trace.gs1 import check_gtin, check_lot
from ledger.trace.journey import tell
from ledger.trace.stated import LotFacts, StatedEvent
from ledger.trace.trace_report import journey_document
from ledger.trace.verification import Verification
from ledger.trace.verify import verify_uri

router = APIRouter(tags=["evidence"])

Form = Literal["json", "epcis", "svg"]
_FORMS: dict[str, Form] = {"application/json": "json", "application/ld+json": "epcis", "image/svg+xml": "svg"}


@router.get(
    "/trace",
    summary="The journey of a lot: steps with who said them and how well each is known, findings, inputs",
    response_model=None,
)
def trace(
    request: Request,
    response: Response,
    principal: Asking,
    lot: Annotated[str, Query(description="The lot number")],
    gtin: Annotated[str | None, Query(description="Needed where several products have a lot of this number")] = None,
    downstream: Annotated[bool, Query(description="Also what was made of it")] = False,
    as_of: Annotated[
        str | None,
        Query(alias="asOf", description="What was recorded by this moment (not: what happened by then); ISO 8601"),
    ] = None,
    form: Annotated[
        Form | None, Query(alias="format", description="Else as Accept asks: application/ld+json, image/svg+xml")
    ] = None,
) -> dict[str, Any] | Response:
    """Salts stand there for whoever may see them: the signer, and everybody once the lot leads to one with item
    codes. `epcis` is an EPCIS 2.0 document of the events that whoever asks may see whole; `Suyuan-Withheld` counts the
    others. `svg` is a picture of what was made of what."""
    form = form or _accepted(request)
    moment = read_moment(as_of, "query asOf") if as_of is not None else None
    check_lot(lot, where="query lot")
    wanted = check_gtin(gtin, where="query gtin") if gtin is not None else None
    with read(ledger_of(request).engine) as connection:
        found = [pair for pair in find_lots(connection, lot) if wanted in (None, pair[0])]
        if len(found) > 1:
            raise BadInput(
                f"Several products have a lot {lot}.",
                where="query gtin",
                hint="Name one: " + ", ".join(pair[0] for pair in found) + ".",
            )
        if not found and wanted is None:
            raise NotFound(
                f"Nothing is recorded about a lot {lot}.",
                where="query lot",
                hint="Check the number; capital and small letters differ.",
            )
        pair = found[0] if found else (str(wanted), lot)
        facts = load_lot(connection, *pair, downstream=downstream, as_of=moment)
        public = leads_to_codes(connection, {facts.lot_key})
        if form == "epcis":
            return _epcis(ledger_of(request), facts, seen_whole(connection, facts, principal, public))
    journey = tell(facts)
    if form == "svg":
        picture = graph_svg(journey, "zh-CN" if language_of(request) == "zh" else "en")
        headers = {**SECURITY_HEADERS, "Vary": "Accept, Accept-Language, Cookie", "Cache-Control": "no-store"}
        return Response(picture, media_type="image/svg+xml", headers=headers)
    response.headers["Vary"] = "Accept, Authorization, Cookie"
    document = journey_document(journey)
    for step in document["steps"]:
        for account in step["accounts"]:
            for statement in account["statements"]:
                mine = principal is not None and statement["member"] == principal.slug
                if not (mine or (public and step["depth"] >= 0)):
                    statement["salt"] = None
    return document


def _accepted(request: Request) -> Form:
    """The form that stands first in Accept, of those that there are."""
    for part in request.headers.get("accept", "").split(","):
        media = part.split(";")[0].strip().lower()
        if media in _FORMS:
            return _FORMS[media]
    return "json"


def _epcis(ledger: Ledger, facts: LotFacts, seen: Sequence[StatedEvent]) -> Response:
    if not seen:
        raise NotAllowed(
            "None of these events may be seen whole by whoever asks.",
            hint="Ask in the session of a member that signed one, or whose place one names.",
        )
    withheld = len(facts.history) + len(facts.forward) - len(seen)
    headers = {"Suyuan-Withheld": str(withheld), "Vary": "Accept, Authorization, Cookie", "Cache-Control": "no-store"}
    document = epcis_document(ledger.documents, seen, datetime.now(UTC))
    return Response(document, media_type="application/ld+json", headers=headers)


@router.get("/verify", summary="Check a code and its lot's journey step by step against the chain")
def verify(
    request: Request,
    response: Response,
    uri: Annotated[str, Query(description="The GS1 Digital Link URI that the QR code holds")],
) -> dict[str, Any]:
    """200 where the code is genuine or its lot is recalled; 404 where no such code was registered; `steps` say what
    was compared. `chain_asked` is false when the node does not answer: then the rows stand in for it."""
    ledger, key = ledger_of(request), shared_of(request).mac_key
    try:
        found = _verified(ledger, key, uri, asking_chain=True)
    except Unavailable:
        found = _verified(ledger, key, uri, asking_chain=False)
    if found.verdict is not None:
        response.status_code = found.verdict.http_status
    return found.as_json()


def _verified(ledger: Ledger, key: bytes, uri: str, *, asking_chain: bool) -> Verification:
    chain = Witness(ledger.client, ledger.deployment) if asking_chain else None
    with read(ledger.engine) as connection:
        return verify_uri(connection, ledger.documents, key, uri, chain)
