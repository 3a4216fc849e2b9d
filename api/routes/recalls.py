"""Recalls: the owner of a product, or a regulator, calls a lot back. Its pages say so from that block on."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api.sessions import Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.store.database import write
from ledger.trace.recalls import RecallOutcome, close_recall, open_recall

router = APIRouter(prefix="/recalls", tags=["evidence"])

Recaller = Annotated[Principal, Depends(scoped("recall"))]


class LotIn(Strict):
    gtin: str
    lot: str


class RecallIn(LotIn):
    reason: str = Field(max_length=500, description="What shoppers read: plain words")


@router.post("", status_code=202, summary="Recall a lot")
def recall_lot(request: Request, response: Response, said: RecallIn, principal: Recaller) -> dict[str, Any]:
    """A lot that is recalled already stays so: 200 with `repeated`."""
    ledger, member, authority = ledger_of(request), principal.member, principal.authority
    with write(ledger.engine) as connection:
        deployment, now = ledger.deployment, int(time.time())
        outcome = open_recall(connection, deployment, member, said.gtin, said.lot, said.reason, authority, now)
    return _told(response, outcome)


@router.post("/close", status_code=202, summary="Close the recall of a lot")
def end_recall(request: Request, response: Response, said: LotIn, principal: Recaller) -> dict[str, Any]:
    ledger, member, authority = ledger_of(request), principal.member, principal.authority
    with write(ledger.engine) as connection:
        deployment, now = ledger.deployment, int(time.time())
        outcome = close_recall(connection, deployment, member, said.gtin, said.lot, authority, now)
    return _told(response, outcome)


def _told(response: Response, outcome: RecallOutcome) -> dict[str, Any]:
    response.status_code = 200 if outcome.repeated else 202
    return {
        "gtin": outcome.gtin,
        "lot": outcome.lot,
        "repeated": outcome.repeated,
        "transactions": outcome.outbox_ids,
    }
