"""Recalls: the owner of a product, or a regulator, calls a lot back. Its pages say so from that block on."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api.confirmation import accepted
from api.sessions import Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.store.database import write
from ledger.trace import recalls

router = APIRouter(prefix="/recalls", tags=["evidence"])


class LotIn(Strict):
    gtin: str
    lot: str


class RecallIn(LotIn):
    reason: str = Field(max_length=500, description="What shoppers read: plain words")


@router.post("", status_code=202, summary="Recall a lot")
def open_recall(
    request: Request, response: Response, said: RecallIn, principal: Annotated[Principal, Depends(scoped("recall"))]
) -> dict[str, Any]:
    """A lot that is recalled already stays so: 200 with `repeated`."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        outcome = recalls.open_recall(
            connection,
            ledger.deployment,
            principal.member,
            said.gtin,
            said.lot,
            said.reason,
            principal.authority,
            int(time.time()),
        )
    return accepted(request, _told(response, outcome))


@router.post("/close", status_code=202, summary="Close the recall of a lot")
def close_recall(
    request: Request, response: Response, said: LotIn, principal: Annotated[Principal, Depends(scoped("recall"))]
) -> dict[str, Any]:
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        outcome = recalls.close_recall(
            connection, ledger.deployment, principal.member, said.gtin, said.lot, principal.authority, int(time.time())
        )
    return accepted(request, _told(response, outcome))


def _told(response: Response, outcome: recalls.RecallOutcome) -> dict[str, Any]:
    response.status_code = 200 if outcome.repeated else 202
    return {
        "gtin": outcome.gtin,
        "lot": outcome.lot,
        "repeated": outcome.repeated,
        "transactions": list(outcome.outbox_ids),
    }
