"""Delivering orders: the carrier that each order pins says so, with evidence, and the settlement that this causes rides
in the same transaction, so that the credit stands in the delivery's own block.

The evidence is a checkpoint (kept in the document store under its SHA-256) or the commitment of an EPCIS statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound, SuyuanError
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_id import short_name
from ledger.settle.batches import batch_gas, content_key, in_batches, settle_gas
from ledger.settle.faults import raise_faults
from ledger.settle.order_numbered import order_numbered
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import pack_legs
from ledger.settle.under_way import calls_under_way
from ledger.store.documents import Documents
from ledger.store.queries.members import MemberRow

SETTLING = ("settle", "deliverAndSettle")


@dataclass(frozen=True)
class Checkpoint:
    """What a carrier saw: these orders, handed over at this time (ISO 8601 with its zone), at this place."""

    orders: tuple[tuple[int, str], ...]  # merchant, number
    at: str
    place: str
    note: str = ""


@dataclass(frozen=True)
class DeliveredOrders:
    """Order numbers: newly delivered, and delivered before. `evidence` in hex; `outbox_ids` carry the new ones."""

    new: tuple[str, ...]
    repeated: tuple[str, ...]
    evidence: str
    outbox_ids: tuple[int, ...]


def deliver_checkpoint(
    connection: Connection,
    deployment: Deployment,
    documents: Documents,
    acting: Acting,
    checkpoint: Checkpoint,
    *,
    now: int,
    settle: bool = True,
) -> DeliveredOrders:
    """Queues the delivery of a checkpoint's orders in the caller's write transaction; one fault refuses all.

    Unless `settle` is false, their settlement rides with it; otherwise the keeper (`settle_delivered`) sees to it.
    NotAllowed when the member is no carrier, or not the one an order pins; NotFound for an order that is not placed;
    Conflict for one that is not paid.
    """
    require_role(acting, Role.CARRIER, "deliver orders")
    _check(checkpoint)
    rows: dict[str, Row[Any]] = {}
    refused: list[SuyuanError] = []
    for merchant, number in checkpoint.orders:
        try:
            row = _deliverable(connection, acting, merchant, number)
            rows[row.order_id] = row
        except SuyuanError as fault:
            refused.append(fault)
    if refused:
        raise_faults(refused, "orders", "none was delivered")
    evidence = documents.put(_canonical(checkpoint, acting.member))
    return queue_deliveries(connection, deployment, acting, list(rows.values()), evidence, now, settle=settle)


def queue_deliveries(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    rows: Sequence[Row[Any]],
    evidence: str,
    now: int,
    *,
    settle: bool = True,
) -> DeliveredOrders:
    """Queues delivery, with settlement, of the rows that are neither settled nor on their way, by rule version."""
    busy = settling_under_way(connection)
    done = {row.order_id for row in rows if row.state in ("settled", "refunded") or row.order_id in busy}
    if not settle:
        done |= {row.order_id for row in rows if row.state == "delivered"}
    fresh = [row for row in rows if row.order_id not in done]
    ids: list[int] = []
    for (rule, version), group in by_version(fresh):
        legs = legs_of(connection, rule, version)
        for batch in in_batches(group, settle_gas(len(legs))):
            wanted = [row.order_id for row in batch]
            function = "deliverAndSettle" if settle else "deliver"
            args = (wanted, evidence, pack_legs(legs)) if settle else (wanted, evidence)
            key = content_key(function, acting.member.member, evidence, wanted)
            gas = batch_gas(settle_gas(len(legs)), len(batch), len(legs))
            intent = Intent(key, acting.account, "Escrow", function, args, acting.authority, gas)
            ids.append(queue(connection, deployment, intent, now).id)
    repeated = tuple(row.number for row in rows if row.order_id in done)
    return DeliveredOrders(tuple(row.number for row in fresh), repeated, evidence, tuple(ids))


def settling_under_way(connection: Connection) -> set[str]:
    """Ids of orders that a queued or sent transaction settles."""
    calls = calls_under_way(connection, "Escrow", SETTLING)
    return {"0x" + bytes(identity).hex() for call in calls for identity in call.args["orders"]}


def by_version(rows: Iterable[Row[Any]]) -> list[tuple[tuple[int, int], list[Row[Any]]]]:
    """Orders by the rule version that they pin, in the order of their first."""
    groups: dict[tuple[int, int], list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault((row.rule, row.version), []).append(row)
    return list(groups.items())


def _deliverable(connection: Connection, acting: Acting, merchant: int, number: str) -> Row[Any]:
    row = order_numbered(connection, merchant, number)
    if row is None:
        raise NotFound(f"Merchant {merchant} has placed no order {number}.", hint="Check the number on the parcel.")
    if row.carrier != acting.member.member:
        raise NotAllowed(
            f"Order {number} is delivered by member {row.carrier}, not by {acting.member.name}.",
            hint="Only the carrier that the order names can say that it was delivered.",
        )
    if row.batch_id is not None:
        raise Conflict(
            f"Order {number} is in batch {short_name(row.batch_id)}.", hint="Deliver it there: `suyuan batch settle`."
        )
    if row.state == "placed":
        raise Conflict(f"Order {number} is not paid yet.", hint="Wait until the bank has confirmed its payment.")
    return row


def _check(checkpoint: Checkpoint) -> None:
    if not checkpoint.orders:
        raise BadInput("A checkpoint names at least one order.", hint="Name the orders that were handed over.")
    check_seen(checkpoint.at, checkpoint.place)


def check_seen(at: str, place: str) -> None:
    """BadInput unless a checkpoint says when, with a zone, and where."""
    try:
        zone = datetime.fromisoformat(at).tzinfo
    except ValueError:
        zone = None
    if zone is None:
        hint = "Write it like 2026-04-20T09:30:00+08:00."
        raise BadInput(f"{at!r} is no time with a zone.", where="/at", hint=hint)
    if not place.strip():
        raise BadInput("A checkpoint names its place.", hint="Give an address or a GLN.")


def _canonical(checkpoint: Checkpoint, carrier: MemberRow) -> bytes:
    """RFC 8785: the same checkpoint is the same evidence."""
    return rfc8785.dumps(
        {
            "type": "delivery checkpoint",
            "carrier": carrier.member,
            "orders": [{"merchant": merchant, "number": number} for merchant, number in sorted(set(checkpoint.orders))],
            "at": checkpoint.at,
            "place": checkpoint.place,
            "note": checkpoint.note,
        }
    )
