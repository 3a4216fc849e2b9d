"""Withdrawals: a payee asks for its credit; the bank's booked payment burns it."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy import select

from api.confirmation import accepted
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.settle.acting import Acting
from ledger.settle.balances import balances_of
from ledger.settle.withdraw import available_to_withdraw, withdraw
from ledger.store.database import read, write
from ledger.store.schema import withdrawal

router = APIRouter(prefix="/withdrawals", tags=["money"])


class WithdrawalIn(Strict):
    amount_fen: int
    reference: str = Field(
        max_length=140, description="Your own name for it: the same name and amount again is the same withdrawal"
    )


@router.post("", status_code=202, summary="Withdraw credit to your bank account")
def ask(
    request: Request,
    response: Response,
    said: WithdrawalIn,
    principal: Annotated[Principal, Depends(scoped("withdraw"))],
) -> dict[str, Any]:
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        acting = Acting(principal.member, principal.authority)
        outcome = withdraw(connection, ledger.deployment, acting, said.amount_fen, said.reference, now=int(time.time()))
    response.status_code = 202 if outcome.new else 200
    return accepted(request, {"repeated": not outcome.new, "state": outcome.state, "transactions": [outcome.id]})


@router.get("", summary="Your balances and withdrawals, the newest first")
def read_withdrawals(request: Request, principal: Member) -> dict[str, Any]:
    with read(ledger_of(request).engine) as connection:
        balances = balances_of(connection, principal.number)
        free = available_to_withdraw(connection, Acting(principal.member, principal.authority))
        query = (
            select(withdrawal)
            .where(withdrawal.c.member == principal.number)
            .order_by(withdrawal.c.withdrawal.desc())
            .limit(100)
        )
        rows = connection.execute(query).mappings().all()
    return {
        "available_fen": balances.available_fen,
        "in_transit_fen": balances.in_transit_fen,
        "owed_fen": balances.owed_fen,
        "free_to_withdraw_fen": free,
        "withdrawals": [dict(row) for row in rows],
    }
