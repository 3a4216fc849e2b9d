"""Refunding orders of a batch, each whole: what is not settled comes from escrow, what is from all whom the order paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, NotAllowed
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_gas import refund_batch_gas
from ledger.settle.batch_id import short_name
from ledger.settle.batch_rows import PaidBatch, alone, paid_batch, parted, under_way_in
from ledger.settle.batches import content_key
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import pack_legs

_MOST_REASON = 200


@dataclass(frozen=True)
class RefundedInBatch:
    """Order numbers: newly refunded, and before or under way."""

    id: str
    new: tuple[str, ...]
    repeated: tuple[str, ...]
    total_fen: int
    outbox_ids: tuple[int, ...]


def refund_batch(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    batch: str,
    numbers: Sequence[str],
    reason: str,
    *,
    now: int,
) -> RefundedInBatch:
    """Queues the refunds in the caller's write transaction; one fault refuses all.

    NotAllowed when the member is not the batch's merchant; NotFound for an unknown batch or number; Conflict for a batch
    that is not paid, or an order that was taken out; BadInput without a reason or a number.
    """
    of = merchants_batch(connection, acting, batch, numbers, "refund orders")
    if not reason.strip() or len(reason) > _MOST_REASON:
        raise BadInput(f"A refund needs a reason of 1 to {_MOST_REASON} characters.", hint="The shopper reads it.")
    wanted = of.numbered(numbers, "none was refunded", lambda order: alone(order) if order.batch_id is None else None)
    busy = under_way_in(connection, of.id, "refundBatch", "marked")
    fresh, repeated = parted(wanted, lambda order: order.state == "refunded" or order.position in busy)
    if not fresh:
        return RefundedInBatch(of.id, (), repeated, 0, ())
    legs = legs_of(connection, of.row.rule, of.row.version)
    marks, chunks = of.call(order.position for order in fresh)
    args = (of.id, marks, chunks, pack_legs(legs), reason)
    gas = refund_batch_gas(of.count, len(fresh), len(legs))
    key = content_key("refundBatch", of.id, marks)
    intent = Intent(key, acting.account, "Escrow", "refundBatch", args, acting.authority, gas)
    sent = queue(connection, deployment, intent, now)
    total_fen = sum(order.amount_fen for order in fresh)
    return RefundedInBatch(of.id, tuple(order.number for order in fresh), repeated, total_fen, (sent.id,))


def merchants_batch(connection: Connection, acting: Acting, batch: str, numbers: Sequence[str], act: str) -> PaidBatch:
    """The paid batch, for an act that only its merchant may do."""
    require_role(acting, Role.MERCHANT, act)
    of = paid_batch(connection, batch)
    if of.row.merchant != acting.member.member:
        raise NotAllowed(
            f"Batch {short_name(of.id)} is of member {of.row.merchant}, not of {acting.member.name}.",
            hint="Its own merchant does this.",
        )
    if not numbers:
        raise BadInput("No order is named.", hint="Name the orders by their numbers.")
    return of
