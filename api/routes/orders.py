"""Orders from placing to settlement: the merchant places, the bank confirms payment, the carrier delivers, anyone
settles; the merchant refunds.

Each queues a transaction that the member's own signer signs under its session, in the transaction that notes it; a
repeat changes nothing and says so. Money is integer fen."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, TypeAdapter

from api.body import RawBody
from api.confirmation import accepted
from api.errors import fault_of
from api.reads.merchant import OrderLine as OrderShown
from api.reads.merchant import order_by_number
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from api.validation import Strict, one_or_many
from ledger.errors import NotFound
from ledger.settle.acting import Acting, member_named
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.collect_owed import collect_owed
from ledger.settle.confirm_payments import BuyersPayment, confirm_payments
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.keep_campaigns import keep_campaigns
from ledger.settle.order_line import OrderLine
from ledger.settle.place_orders import place_orders
from ledger.settle.refund import RefundLine, refund_orders
from ledger.settle.settle_delivered import settle_delivered
from ledger.settle.tiers import version_pinned
from ledger.settle.under_way import calls_under_way
from ledger.store.database import read, write

router = APIRouter(tags=["money"])

Slug = Annotated[str, Field(min_length=1, max_length=64, description="A member's slug")]


class OrderIn(Strict):
    number: str = Field(description="The merchant's own order number, 1 to 64 characters")
    amount_fen: int
    rule: int = Field(ge=1, lt=2**32)
    carrier: Slug


class AccountIn(Strict):
    holder: str = Field(description="In whose name the account stands")
    number: str
    bank_code: str = Field(description="Its bank's CNAPS code")


class PaymentIn(Strict):
    merchant: Slug
    number: str
    amount_fen: int
    bank_reference: str
    payer: AccountIn | None = Field(
        default=None, description="The account that paid: refunds go there. Kept by this home, and not on the chain"
    )


class RefundIn(Strict):
    number: str = Field(description="The merchant's own order number")
    amount_fen: int | None = Field(description="How much; null: all that remains of the order")
    reason: str = Field(description="1 to 200 characters, without names: it stands on the chain")


class RefundsIn(Strict):
    reference: str = Field(description="Your own name for these refunds: the same again is the same refunds")
    refunds: list[RefundIn] = Field(min_length=1)


_ORDERS = TypeAdapter(list[OrderIn])
_PAYMENTS = TypeAdapter(list[PaymentIn])


class OrderName(Strict):
    merchant: Slug
    number: str


class CheckpointIn(Strict):
    orders: list[OrderName] = Field(min_length=1)
    at: str = Field(description="When it was handed over: ISO 8601 with its zone")
    place: str
    note: str = ""
    settle: bool = Field(
        default=True, description="Settle in the same transaction, so that the credit stands in the delivery's block"
    )


def _listed(model: type[Strict], name: str) -> dict[str, Any]:
    """The request body in OpenAPI: one, or a list."""
    schema = model.model_json_schema()
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [schema, {"type": "array", "items": schema}], "title": name}}
            },
        }
    }


@router.post("/orders", status_code=202, summary="Place one order or many", openapi_extra=_listed(OrderIn, "orders"))
def place(
    request: Request,
    response: Response,
    body: RawBody,
    principal: Annotated[Principal, Depends(scoped("orders"))],
    behaviour: Annotated[
        Literal["rollback", "proceed"], Query(description="proceed: place the good ones of a list with faulty ones")
    ] = "rollback",
) -> dict[str, Any]:
    """Idempotent by merchant and number: the same order again is `repeated` (200 when all are), other content under a
    used number is 409."""
    ledger = ledger_of(request)
    said = one_or_many(_ORDERS, body, "orders")
    lines = [
        OrderLine(one.number, one.amount_fen, one.rule, one.carrier, f"order {place}")
        for place, one in enumerate(said, start=1)
    ]
    with write(ledger.engine) as connection:
        placed = place_orders(
            connection,
            ledger.deployment,
            _acting(principal),
            lines,
            now=_now(),
            behaviour=behaviour,
            documents=ledger.documents,
        )
    response.status_code = 202 if placed.new else 200
    told = {
        "new": placed.new,
        "repeated": placed.repeated,
        "refused": [fault_of(fault) for fault in placed.refused],
        "transactions": placed.outbox_ids,
    }
    return accepted(request, told)


@router.post("/orders/refunds", status_code=202, summary="Give back a part of your orders, or all that remains of them")
def refund(
    request: Request,
    response: Response,
    said: RefundsIn,
    principal: Annotated[Principal, Depends(scoped("refund"))],
) -> dict[str, Any]:
    """Whom an order paid keep what the rule gives for the rest; the shopper is paid through the bank. One fault refuses
    all. Idempotent by reference: the same refunds under it again are `repeated` (200), others are 409."""
    ledger = ledger_of(request)
    lines = [RefundLine(one.number, one.amount_fen, one.reason) for one in said.refunds]
    with write(ledger.engine) as connection:
        made = refund_orders(connection, ledger.deployment, _acting(principal), lines, said.reference, now=_now())
    response.status_code = 202 if made.new else 200
    told = {
        "reference": said.reference,
        "repeated": not made.new,
        "refunds": [
            {"number": number, "refund": one.refund, "amount_fen": one.amount_fen, "reason": one.reason}
            for number, one in made.refunds.items()
        ],
        "transactions": made.outbox_ids,
    }
    return accepted(request, told)


@router.get(
    "/orders/{number:path}",
    summary="Your own order: its state, its refunds, and its split line by line once a rule version is pinned",
)
def read_order(request: Request, number: str, principal: Member) -> dict[str, Any]:
    with read(ledger_of(request).engine) as connection:
        found = order_by_number(connection, principal.number, number)
        if found is not None:
            return _told(found)
        for call in calls_under_way(connection, "Escrow", ["place"], member=principal.number):
            for terms in call.args["terms"]:
                if terms["number"] == number:
                    return {
                        "number": number,
                        "amount_fen": terms["amountFen"],
                        "currency": "CNY",
                        "state": "queued",
                        "rule": terms["rule"],
                    }
    raise NotFound(
        f"You have placed no order {number}.",
        where=number,
        hint="Check the number; an order belongs to the merchant that placed it.",
    )


@router.post(
    "/payments",
    status_code=202,
    summary="The bank confirms that buyers paid",
    openapi_extra=_listed(PaymentIn, "payments"),
)
def confirm(
    request: Request, response: Response, body: RawBody, principal: Annotated[Principal, Depends(scoped("bank"))]
) -> dict[str, Any]:
    """Mints each order's credit into escrow and pins the rule version in force. One fault refuses all; a repeat
    changes nothing."""
    ledger = ledger_of(request)
    said = one_or_many(_PAYMENTS, body, "payments")
    with write(ledger.engine) as connection:
        merchants = {slug: member_named(connection, slug).member for slug in {one.merchant for one in said}}
        payments = [
            BuyersPayment(merchants[one.merchant], one.number, one.amount_fen, one.bank_reference, _account(one.payer))
            for one in said
        ]
        confirmed = confirm_payments(connection, ledger.deployment, _acting(principal), payments, now=_now())
    response.status_code = 202 if confirmed.new else 200
    return accepted(
        request, {"new": confirmed.new, "repeated": confirmed.repeated, "transactions": confirmed.outbox_ids}
    )


@router.post("/checkpoints", status_code=202, summary="The carrier delivers orders, and their settlement rides along")
def deliver(
    request: Request,
    response: Response,
    said: CheckpointIn,
    principal: Annotated[Principal, Depends(scoped("deliver"))],
) -> dict[str, Any]:
    """The checkpoint is kept in the document store; its SHA-256 is the evidence on the chain."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        merchants = {slug: member_named(connection, slug).member for slug in {one.merchant for one in said.orders}}
        checkpoint = Checkpoint(
            tuple((merchants[one.merchant], one.number) for one in said.orders), said.at, said.place, said.note
        )
        delivered = deliver_checkpoint(
            connection,
            ledger.deployment,
            ledger.documents,
            _acting(principal),
            checkpoint,
            now=_now(),
            settle=said.settle,
        )
    response.status_code = 202 if delivered.new else 200
    told = {
        "new": delivered.new,
        "repeated": delivered.repeated,
        "evidence": delivered.evidence,
        "transactions": delivered.outbox_ids,
    }
    return accepted(request, told)


@router.post(
    "/settlements", status_code=202, summary="Settle what is delivered and not settled yet: any member may send it"
)
def settle(
    request: Request, response: Response, principal: Annotated[Principal, Depends(scoped("settle"))]
) -> dict[str, Any]:
    """Up to 1,000 orders a request, oldest first; 200 with an empty list when nothing waits. The contract recomputes
    each split. Members that owe, since a refund took back what they had spent, pay with what they have earned. Of promoted orders, sponsors' parts of refunds and commissions, reservations that have
    lapsed and campaigns that have ended are brought up to date."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        queued = settle_delivered(connection, ledger.deployment, _acting(principal), now=_now())
        queued += collect_owed(connection, ledger.deployment, _acting(principal), now=_now())
        queued += keep_campaigns(connection, ledger.deployment, _acting(principal), now=_now())
    response.status_code = 202 if queued else 200
    return accepted(request, {"transactions": queued})


def _told(one: OrderShown) -> dict[str, Any]:
    row = one.row
    fields = (
        "order_id",
        "number",
        "amount_fen",
        "refunded_fen",
        "currency",
        "state",
        "rule",
        "version",
        "placed_at",
        "paid_at",
        "bank_reference",
        "delivered_at",
        "evidence",
        "settled_at",
        "settled_block",
        "settled_tx",
    )
    lines = [
        {
            "leg": line.explanation.index + 1,
            "payee": line.payee_slug,
            "kind": line.explanation.leg.kind.value,
            "value": line.explanation.leg.value,
            "cap_fen": line.explanation.leg.cap_fen,
            "floor_fen": line.explanation.leg.floor_fen,
            "operation": line.explanation.operation,
            "amount_fen": line.explanation.amount_fen,
            "left_fen": line.explanation.left_fen,
            "credited_fen": line.credited_fen,
        }
        for line in one.lines
    ]
    refunds = [
        {
            "refund": each.number,
            "amount_fen": each.amount_fen,
            "reason": each.reason,
            "state": each.state,
            "requested_at": each.requested_at,
            "closed_at": each.closed_at,
        }
        for each in one.refunds
    ]
    told = {name: row._mapping[name] for name in fields}
    told["version"] = None if row.version is None else version_pinned(row.version)
    return {**told, "carrier": one.carrier_slug, "split": lines, "refunds": refunds}


def _account(said: AccountIn | None) -> BankAccount | None:
    return None if said is None else BankAccount(said.holder, said.number, said.bank_code)


def _acting(principal: Principal) -> Acting:
    return Acting(principal.member, principal.authority)


def _now() -> int:
    return int(time.time())
