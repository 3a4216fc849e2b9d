"""Delivering orders of a batch: its carrier says which were handed over, with evidence, and the same call settles them.

The evidence is a checkpoint, kept in the document store under its SHA-256, as of orders that are delivered one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, NotAllowed
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_gas import settle_batch_gas
from ledger.settle.batch_id import short_name
from ledger.settle.batch_rows import PaidBatch, alone, paid_batch, parted, under_way_in
from ledger.settle.batches import content_key
from ledger.settle.delivery import check_seen
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import pack_legs
from ledger.store.documents import Documents


@dataclass(frozen=True)
class BatchCheckpoint:
    """What a carrier saw: these orders of a batch, or all that were left, handed over at this time (ISO 8601 with its
    zone), at this place. `numbers` None means all."""

    batch: str
    numbers: tuple[str, ...] | None
    at: str
    place: str
    note: str = ""


@dataclass(frozen=True)
class SettledInBatch:
    """Order numbers: newly delivered and settled, and done or under way before. `evidence` in hex."""

    id: str
    new: tuple[str, ...]
    repeated: tuple[str, ...]
    evidence: str
    outbox_ids: tuple[int, ...]


def settle_batch(
    connection: Connection,
    deployment: Deployment,
    documents: Documents,
    acting: Acting,
    checkpoint: BatchCheckpoint,
    *,
    now: int,
) -> SettledInBatch:
    """Queues delivery and settlement of a checkpoint's orders in the caller's write transaction; one fault refuses all.

    NotAllowed when the member is no carrier, or not the batch's; NotFound for an unknown batch or number; Conflict for a
    batch that is not paid, or an order that was taken out.
    """
    require_role(acting, Role.CARRIER, "deliver orders")
    check_seen(checkpoint.at, checkpoint.place)
    of = paid_batch(connection, checkpoint.batch)
    if of.row.carrier != acting.member.member:
        raise NotAllowed(
            f"Batch {short_name(of.id)} is delivered by member {of.row.carrier}, not by {acting.member.name}.",
            hint="Only the carrier that the batch names can say that its orders were delivered.",
        )
    busy = under_way_in(connection, of.id, "settleBatch", "delivered")
    wanted = _wanted(of, checkpoint)
    fresh, repeated = parted(wanted, lambda order: order.state != "paid" or order.position in busy)
    evidence = documents.put(_canonical(of, checkpoint, fresh))
    if not fresh:
        return SettledInBatch(of.id, (), repeated, evidence, ())
    sent = queue_settlement(connection, deployment, acting, of, fresh, evidence, now)
    return SettledInBatch(of.id, tuple(order.number for order in fresh), repeated, evidence, (sent,))


def queue_settlement(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    of: PaidBatch,
    fresh: Sequence[Row[Any]],
    evidence: str,
    now: int,
) -> int:
    """Queues delivery and settlement of these orders of the batch, none of them done or under way; the outbox row.

    `evidence` is 32 bytes in hex.
    """
    legs = legs_of(connection, of.row.rule, of.row.version)
    marks, chunks = of.call(order.position for order in fresh)
    key = content_key("settleBatch", acting.member.member, of.id, evidence, marks)
    args = (of.id, marks, chunks, evidence, pack_legs(legs))
    gas = settle_batch_gas(of.count, len(fresh), len(legs))
    intent = Intent(key, acting.account, "Escrow", "settleBatch", args, acting.authority, gas)
    return queue(connection, deployment, intent, now).id


def _wanted(of: PaidBatch, checkpoint: BatchCheckpoint) -> Sequence[Row[Any]]:
    if checkpoint.numbers is None:
        return [order for order in of.orders if order.batch_id is not None]
    if not checkpoint.numbers:
        raise BadInput("A checkpoint names at least one order.", hint="Name the orders that were handed over, or all.")
    return of.numbered(
        checkpoint.numbers, "none was delivered", lambda order: alone(order) if order.batch_id is None else None
    )


def _canonical(of: PaidBatch, checkpoint: BatchCheckpoint, fresh: Sequence[Row[Any]]) -> bytes:
    """RFC 8785: the same checkpoint is the same evidence. It names each order, also where all were meant."""
    numbers = [order.number for order in fresh] if checkpoint.numbers is None else sorted(set(checkpoint.numbers))
    return rfc8785.dumps(
        {
            "type": "delivery checkpoint",
            "carrier": of.row.carrier,
            "batch": of.id,
            "numbers": numbers,
            "at": checkpoint.at,
            "place": checkpoint.place,
            "note": checkpoint.note,
        }
    )
