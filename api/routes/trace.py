"""A lot's journey as JSON, and the verification of a code step by step."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.reads.events import leads_to_codes
from api.sessions import Asking
from api.state import ledger_of, shared_of
from ledger.chain.witness import Witness
from ledger.context import Ledger
from ledger.errors import BadInput, NotFound, Unavailable
from ledger.store.database import read
from ledger.trace.facts import find_lots, load_lot
from ledger.trace.gs1 import check_gtin, check_lot
from ledger.trace.journey import tell
from ledger.trace.trace_report import journey_document
from ledger.trace.verification import Verification
from ledger.trace.verify import verify_uri

router = APIRouter(tags=["evidence"])


@router.get(
    "/trace", summary="The journey of a lot: steps with who said them and how well each is known, findings, inputs"
)
def trace(
    request: Request,
    principal: Asking,
    lot: Annotated[str, Query(description="The lot number")],
    gtin: Annotated[str | None, Query(description="Needed where several products have a lot of this number")] = None,
    downstream: Annotated[bool, Query(description="Also what was made of it")] = False,
) -> dict[str, Any]:
    """Salts stand there for whoever may see them: the signer, and everybody once the lot leads to one with item
    codes."""
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
        journey = tell(load_lot(connection, *pair, downstream=downstream))
        public = leads_to_codes(connection, {journey.lot_key})
    document = journey_document(journey)
    for step in document["steps"]:
        for account in step["accounts"]:
            for statement in account["statements"]:
                mine = principal is not None and statement["member"] == principal.slug
                if not (mine or (public and step["depth"] >= 0)):
                    statement["salt"] = None
    return document


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
