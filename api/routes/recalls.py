"""Recalls: the owner of a product, or a regulator, calls a lot back. Its pages say so from that block on."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy import Connection, Row, select

from api.sessions import Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.store.database import write
from ledger.store.schema import product, recall
from ledger.trace.gs1 import check_gtin, check_lot

router = APIRouter(prefix="/recalls", tags=["evidence"])

RECALL_GAS = 400_000


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
    if not said.reason.strip():
        raise BadInput("A recall needs a reason.", where="/reason", hint="Say in plain words why.")
    return _queued(request, response, principal, said, "openRecall", said.reason.strip())


@router.post("/close", status_code=202, summary="Close the recall of a lot")
def close_recall(
    request: Request, response: Response, said: LotIn, principal: Annotated[Principal, Depends(scoped("recall"))]
) -> dict[str, Any]:
    return _queued(request, response, principal, said, "closeRecall")


def _queued(
    request: Request, response: Response, principal: Principal, said: LotIn, function: str, *more: str
) -> dict[str, Any]:
    ledger = ledger_of(request)
    gtin, lot = check_gtin(said.gtin, where="/gtin"), check_lot(said.lot, where="/lot")
    with write(ledger.engine) as connection:
        _require_entitled(connection, principal, gtin)
        past = _recalls(connection, gtin, lot)
        standing = bool(past) and past[-1].closed_at is None
        if function == "openRecall" and standing:
            response.status_code = 200
            return {"gtin": gtin, "lot": lot, "repeated": True, "transactions": []}
        if function == "closeRecall" and not standing:
            raise NotFound(f"Lot {lot} of GTIN {gtin} is not recalled.", where="/lot", hint="Check the lot.")
        # Numbered: a lot may be recalled again after its recall was closed.
        intent = Intent(
            key=f"{function}:{gtin}:{lot}:{len(past)}",
            account=principal.member.account,
            contract="Recalls",
            function=function,
            args=(int(gtin), lot, *more),
            authority=principal.authority,
            gas=RECALL_GAS,
        )
        outcome = queue(connection, ledger.deployment, intent, int(time.time()))
    response.status_code = 202 if outcome.new else 200
    return {"gtin": gtin, "lot": lot, "repeated": not outcome.new, "transactions": [outcome.id]}


def _require_entitled(connection: Connection, principal: Principal, gtin: str) -> None:
    owner = connection.execute(select(product.c.member).where(product.c.gtin == gtin)).scalar()
    if owner != principal.number and Role.REGULATOR not in Role(principal.member.roles):
        raise NotAllowed(
            f"{principal.name} may not recall GTIN {gtin}.",
            where="/gtin",
            hint="Only the GTIN's owner or a regulator may.",
        )


def _recalls(connection: Connection, gtin: str, lot: str) -> list[Row[Any]]:
    query = select(recall).where(recall.c.gtin == gtin, recall.c.lot == lot)
    return list(connection.execute(query.order_by(recall.c.opened_block, recall.c.opened_log_index)))
