"""Item codes: the owner of a product makes serials for a lot, committed under one Merkle root."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api.addresses import link_path
from api.confirmation import accepted
from api.sessions import Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.trace.item_batches import make_items

router = APIRouter(prefix="/items", tags=["evidence"])


class ItemsIn(Strict):
    gtin: str = Field(description="A GTIN that you own")
    lot: str
    count: int = Field(ge=1, le=100_000)
    batch: str = Field(
        min_length=1, max_length=100, description="Your own name for this batch of codes: asking again makes none twice"
    )


@router.post("", status_code=202, summary="Make item codes for a lot of your product")
def make(
    request: Request, response: Response, said: ItemsIn, principal: Annotated[Principal, Depends(scoped("codes"))]
) -> dict[str, Any]:
    """The codes are GS1 Digital Link URIs at this address. Print them once the root stands on the chain."""
    ledger = ledger_of(request)
    made = make_items(
        ledger,
        member=principal.member,
        gtin=said.gtin,
        lot=said.lot,
        count=said.count,
        batch=said.batch,
        authority=principal.authority,
    )
    response.status_code = 200 if made.repeated else 202
    base = ledger.settings.api_url.rstrip("/")
    told = {
        "gtin": made.gtin,
        "lot": made.lot,
        "batch": made.batch,
        "root": made.root,
        "manifest": made.manifest,
        "repeated": made.repeated,
        "uris": [base + link_path(made.gtin, made.lot, serial) for serial in made.serials],
        "transactions": [made.outbox_id],
    }
    return accepted(request, told)
