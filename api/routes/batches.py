"""Orders by the batch: the merchant places, refunds and takes out; the bank confirms payment; the carrier delivers and settles.

A batch goes by its id or the beginning of it, at least 6 hex digits. Each act queues a transaction that the member's own
signer signs under its session; a repeat changes nothing and says so. Money is integer fen.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, Row

from api.confirmation import accepted
from api.errors import fault_of
from api.routes.orders import OrderIn
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.chain.roles import Role
from ledger.errors import NotFound
from ledger.settle.acting import Acting
from ledger.settle.batch_rows import batch_named, orders_of
from ledger.settle.order_line import OrderLine
from ledger.settle.pay_batch import BatchPayment, pay_batch
from ledger.settle.place_batches import place_batches
from ledger.settle.refund_batch import refund_batch
from ledger.settle.settle_batch import BatchCheckpoint, settle_batch
from ledger.settle.take_out import take_out
from ledger.store.database import read, write

router = APIRouter(tags=["money"])

_SHOWN = ("merchant", "rule", "version", "carrier", "count", "total_fen", "manifest", "amounts_root", "state", "named")
_SHOWN_TOO = ("fault", "placed_at", "paid_at", "bank_reference")
_Numbers = Annotated[list[str], Field(min_length=1, description="Order numbers of the batch")]


class BatchIn(Strict):
    orders: list[OrderIn] = Field(min_length=1)


class BatchPaymentIn(Strict):
    total_fen: int = Field(description="What the buyers paid together: a batch is paid in full")
    bank_reference: str


class BatchCheckpointIn(Strict):
    numbers: list[str] | None = Field(description="Orders that were handed over; null: all that are left in the batch")
    at: str = Field(description="When it was handed over: ISO 8601 with its zone")
    place: str
    note: str = ""


class BatchRefundIn(Strict):
    numbers: _Numbers
    reason: str = Field(description="1 to 200 characters, without names: it stands on the chain")


class TakeOutIn(Strict):
    numbers: _Numbers


@router.post("/batches", status_code=202, summary="Place many orders in batches of up to 1,000")
def place(
    request: Request,
    response: Response,
    said: BatchIn,
    principal: Annotated[Principal, Depends(scoped("orders"))],
    behaviour: Annotated[
        Literal["rollback", "proceed"], Query(description="proceed: place the good ones of a list with faulty ones")
    ] = "rollback",
) -> dict[str, Any]:
    """Orders of one rule and carrier go together. Idempotent by merchant and number: an order that stands with the same
    terms is `repeated` (200 when all are), other content under a used number is 409."""
    ledger = ledger_of(request)
    lines = [
        OrderLine(one.number, one.amount_fen, one.rule, one.carrier, f"order {place}")
        for place, one in enumerate(said.orders, start=1)
    ]
    with write(ledger.engine) as connection:
        placed = place_batches(
            connection, ledger.deployment, ledger.documents, _acting(principal), lines, now=_now(), behaviour=behaviour
        )
    response.status_code = 202 if placed.new else 200
    told = {
        "batches": [
            {
                "batch": one.id,
                "count": one.terms.count,
                "total_fen": one.terms.total_fen,
                "manifest": one.terms.manifest,
            }
            for one in placed.new
        ],
        "repeated": placed.repeated,
        "refused": [fault_of(fault) for fault in placed.refused],
        "transactions": placed.outbox_ids,
    }
    return accepted(request, told)


@router.get("/batches/{batch}", summary="A batch of yours: its state, its orders by state, and its manifest's address")
def read_batch(request: Request, batch: str, principal: Member) -> dict[str, Any]:
    """For its merchant, its carrier, and any bank member."""
    with read(ledger_of(request).engine) as connection:
        row = _of_principal(connection, batch, principal)
        orders = orders_of(connection, row.batch_id)
    told = {name: row._mapping[name] for name in (*_SHOWN, *_SHOWN_TOO)}
    states = Counter(order.state for order in orders)
    return {
        "batch": row.batch_id,
        **told,
        "orders": states,
        "taken_out": sum(order.batch_id is None for order in orders),
        "manifest_at": f"/batches/{row.batch_id}/manifest",
    }


@router.get("/batches/{batch}/manifest", summary="A batch's manifest: the number and amount of each order, by position")
def read_manifest(request: Request, batch: str, principal: Member) -> Response:
    """Canonical JSON (RFC 8785), whose SHA-256 the batch commits to. 404 while this home does not hold it."""
    ledger = ledger_of(request)
    with read(ledger.engine) as connection:
        row = _of_principal(connection, batch, principal)
    return Response(ledger.documents.get(row.manifest), media_type="application/json")


@router.get("/batches/{batch}/orders/{number:path}", summary="One order of a batch: its position, amount and state")
def read_position(request: Request, batch: str, number: str, principal: Member) -> dict[str, Any]:
    with read(ledger_of(request).engine) as connection:
        row = _of_principal(connection, batch, principal)
        found = next((one for one in orders_of(connection, row.batch_id) if one.number == number), None)
    if found is None:
        hint = "Check the number." if row.state == "paid" else "Its orders have no rows until it is paid."
        raise NotFound(f"The batch has no order {number}.", where=number, hint=hint)
    return {
        "batch": row.batch_id,
        "position": found.position,
        "taken_out": found.batch_id is None,
        **{name: found._mapping[name] for name in ("order_id", "number", "amount_fen", "refunded_fen", "state")},
    }


@router.post("/batches/{batch}/payment", status_code=202, summary="The bank confirms that a batch's buyers paid")
def confirm(
    request: Request,
    response: Response,
    batch: str,
    said: BatchPaymentIn,
    principal: Annotated[Principal, Depends(scoped("bank"))],
) -> dict[str, Any]:
    """Mints the batch's credit into escrow and pins the rule version in force. A repeat changes nothing (200)."""
    ledger = ledger_of(request)
    payment = BatchPayment(batch, said.total_fen, said.bank_reference)
    with write(ledger.engine) as connection:
        paid = pay_batch(connection, ledger.deployment, ledger.documents, _acting(principal), payment, now=_now())
    response.status_code = 200 if paid.repeated else 202
    return accepted(request, {"batch": paid.id, "repeated": paid.repeated, "transactions": paid.outbox_ids})


@router.post("/batches/{batch}/checkpoints", status_code=202, summary="The batch's carrier delivers orders of it")
def deliver(
    request: Request,
    response: Response,
    batch: str,
    said: BatchCheckpointIn,
    principal: Annotated[Principal, Depends(scoped("deliver"))],
) -> dict[str, Any]:
    """They are settled in the same transaction. The checkpoint is kept; its SHA-256 is the evidence on the chain."""
    ledger = ledger_of(request)
    numbers = None if said.numbers is None else tuple(said.numbers)
    checkpoint = BatchCheckpoint(batch, numbers, said.at, said.place, said.note)
    with write(ledger.engine) as connection:
        done = settle_batch(connection, ledger.deployment, ledger.documents, _acting(principal), checkpoint, now=_now())
    response.status_code = 202 if done.new else 200
    told = {"batch": done.id, "new": done.new, "repeated": done.repeated, "evidence": done.evidence}
    return accepted(request, {**told, "transactions": done.outbox_ids})


@router.post("/batches/{batch}/refunds", status_code=202, summary="Give back orders of your batch, each whole")
def refund(
    request: Request,
    response: Response,
    batch: str,
    said: BatchRefundIn,
    principal: Annotated[Principal, Depends(scoped("refund"))],
) -> dict[str, Any]:
    """Settled or not. A part of an order is given back once it is taken out. One fault refuses all; what was refunded
    before is `repeated` (200 when all were)."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        done = refund_batch(
            connection, ledger.deployment, _acting(principal), batch, said.numbers, said.reason, now=_now()
        )
    response.status_code = 202 if done.new else 200
    told = {"batch": done.id, "new": done.new, "repeated": done.repeated, "total_fen": done.total_fen}
    return accepted(request, {**told, "transactions": done.outbox_ids})


@router.post("/batches/{batch}/taken-out", status_code=202, summary="Take orders out of your batch, to go on alone")
def take_orders_out(
    request: Request,
    response: Response,
    batch: str,
    said: TakeOutIn,
    principal: Annotated[Principal, Depends(scoped("orders"))],
) -> dict[str, Any]:
    """They are then delivered and refunded as `/orders` are. One fault refuses all; a repeat changes nothing (200)."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        done = take_out(connection, ledger.deployment, _acting(principal), batch, said.numbers, now=_now())
    response.status_code = 202 if done.new else 200
    told = {"batch": done.id, "new": done.new, "repeated": done.repeated, "transactions": done.outbox_ids}
    return accepted(request, told)


def _of_principal(connection: Connection, batch: str, principal: Principal) -> Row[Any]:
    """The batch's row; NotFound for whoever has no part in it, as for one that is not there."""
    row = batch_named(connection, batch)
    bank = principal.member.active and Role.BANK in Role(principal.member.roles)
    if principal.number not in (row.merchant, row.carrier) and not bank:
        raise NotFound(f"There is no batch {batch} of yours.", hint="Its merchant, its carrier and the bank read it.")
    return row


def _acting(principal: Principal) -> Acting:
    return Acting(principal.member, principal.authority)


def _now() -> int:
    return int(time.time())
