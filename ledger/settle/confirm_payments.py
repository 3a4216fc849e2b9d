"""Confirming that buyers have paid: the bank member mints the credit of each order and the chain holds it in escrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, NotFound, SuyuanError
from ledger.settle.acting import Acting, require_role
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.batches import PAY_GAS, batch_gas, content_key, in_batches
from ledger.settle.campaign_rows import can_still_be_paid, shopper_parts
from ledger.settle.faults import raise_faults
from ledger.settle.money import amount_text
from ledger.settle.order_id import order_id
from ledger.settle.payers import payer_of, register_payer
from ledger.settle.rule_rows import legs_of, version_in_force
from ledger.settle.split import minimum_fen
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import order as orders

_MOST_REFERENCE = 140


@dataclass(frozen=True)
class BuyersPayment:
    """What a buyer paid for an order, with the bank's own reference for it."""

    merchant: int
    number: str
    amount_fen: int
    bank_reference: str
    payer: BankAccount | None = None  # where the money came from, as far as the bank tells: refunds go there


@dataclass(frozen=True)
class ConfirmedPayments:
    """Order numbers: newly confirmed, and confirmed before. `outbox_ids` are the transactions of the new ones."""

    new: tuple[str, ...]
    repeated: tuple[str, ...]
    outbox_ids: tuple[int, ...]


def confirm_payments(
    connection: Connection, deployment: Deployment, acting: Acting, payments: Sequence[BuyersPayment], *, now: int
) -> ConfirmedPayments:
    """Queues the confirmations that are new, in the caller's write transaction; one fault refuses all.

    A payer's account is kept in this home, beside what stands already. NotAllowed when the member is no bank; NotFound for an order that is not placed (yet); BadInput when the amount is
    not the order's, or the order is below the fixed legs and floors of the version now in force.
    """
    require_role(acting, Role.BANK, "confirm payments")
    under_way = {
        "0x" + bytes(paid["order"]).hex()
        for call in calls_under_way(connection, "Escrow", ["pay"])
        for paid in call.args["payments"]
    }
    fresh: dict[str, BuyersPayment] = {}
    repeated: list[str] = []
    refused: list[SuyuanError] = []
    for payment in payments:
        identity = order_id(payment.merchant, payment.number)
        try:
            new = _check(connection, identity, payment, now) and identity not in under_way and identity not in fresh
        except SuyuanError as fault:
            refused.append(fault)
            continue
        if new:
            fresh[identity] = payment
        else:
            repeated.append(payment.number)
    if refused:
        raise_faults(refused, "payments", "none was confirmed")
    for payment in payments:
        identity = order_id(payment.merchant, payment.number)
        if payment.payer is not None and payer_of(connection, identity) is None:
            register_payer(connection, identity, payment.payer)
    ids = [_queue(connection, deployment, acting, batch, now) for batch in in_batches(list(fresh.items()), PAY_GAS)]
    return ConfirmedPayments(tuple(payment.number for payment in fresh.values()), tuple(repeated), tuple(ids))


def _check(connection: Connection, identity: str, payment: BuyersPayment, now: int) -> bool:
    """Whether the order still waits for this payment."""
    row = connection.execute(select(orders).where(orders.c.order_id == identity)).one_or_none()
    if row is None:
        raise NotFound(
            f"Merchant {payment.merchant} has placed no order {payment.number}.",
            hint="Place it first, or wait a moment.",
        )
    due_fen = shopper_parts(connection, [identity]).get(identity, row.amount_fen)
    if due_fen != payment.amount_fen:
        raise BadInput(
            f"Order {payment.number} is of {amount_text(due_fen)} yuan, and {amount_text(payment.amount_fen)} "
            "were paid.",
            hint="Ask the buyer and the shop; a payment in part cannot be held.",
        )
    if not payment.bank_reference.strip() or len(payment.bank_reference) > _MOST_REFERENCE:
        raise BadInput(
            f"The payment of order {payment.number} needs a bank's reference of 1 to {_MOST_REFERENCE} characters.",
            hint="Give the bank's own reference of the buyer's payment.",
        )
    if row.state != "placed":
        return False
    if not can_still_be_paid(connection, identity, now):
        raise BadInput(
            f"Order {payment.number} was paid too late: its campaigns' budgets are no longer held for it.",
            hint="Pay the buyer back; the shop may place it again under another number.",
        )
    version = version_in_force(connection, row.rule)
    minimum = minimum_fen(legs_of(connection, row.rule, version.version)) if version is not None else 0
    if row.amount_fen < minimum:
        raise BadInput(
            f"Order {payment.number} is of {amount_text(row.amount_fen)} yuan, less than the {amount_text(minimum)} "
            f"that the fixed legs and floors of rule {row.rule} now take.",
            hint="Pay the buyer back, or have the merchant put another version of the rule in force.",
        )
    return True


def _queue(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    batch: Sequence[tuple[str, BuyersPayment]],
    now: int,
) -> int:
    args = [(identity, payment.amount_fen, payment.bank_reference) for identity, payment in batch]
    key = content_key("pay", args)
    gas = batch_gas(PAY_GAS, len(batch))
    intent = Intent(key, acting.account, "Escrow", "pay", (args,), acting.authority, gas)
    return queue(connection, deployment, intent, now).id
