"""Confirming that the buyers of a batch have paid: the bank member mints their credit together, and the chain holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, Conflict, NotFound
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_gas import pay_batch_gas
from ledger.settle.batch_id import short_name
from ledger.settle.batch_manifest import read_batch_manifest
from ledger.settle.batch_rows import batch_named
from ledger.settle.batches import content_key
from ledger.settle.money import amount_text
from ledger.settle.packed_amounts import pack_amounts
from ledger.settle.rule_rows import legs_of, version_in_force
from ledger.settle.split import minimum_fen
from ledger.store.documents import Documents

_MOST_REFERENCE = 140


@dataclass(frozen=True)
class BatchPayment:
    """What the buyers of a batch paid together, with the bank's own reference for it."""

    batch: str
    total_fen: int
    bank_reference: str


@dataclass(frozen=True)
class ConfirmedBatch:
    """`repeated`: it was paid before, and nothing was queued."""

    id: str
    repeated: bool
    outbox_ids: tuple[int, ...]


def pay_batch(
    connection: Connection,
    deployment: Deployment,
    documents: Documents,
    acting: Acting,
    payment: BatchPayment,
    *,
    now: int,
) -> ConfirmedBatch:
    """Queues the confirmation in the caller's write transaction.

    NotAllowed when the member is no bank; NotFound for an unknown batch, or while its manifest is not here; Conflict when
    the manifest is not what was committed to; BadInput when the total is another, or an order is below the fixed legs and floors of the
    version now in force.
    """
    require_role(acting, Role.BANK, "confirm payments")
    row = batch_named(connection, payment.batch)
    name = short_name(row.batch_id)
    if payment.total_fen != row.total_fen:
        raise BadInput(
            f"Batch {name} is of {amount_text(row.total_fen)} yuan, and {amount_text(payment.total_fen)} were paid.",
            hint="Ask the shop; a batch is paid in full.",
        )
    if not payment.bank_reference.strip() or len(payment.bank_reference) > _MOST_REFERENCE:
        raise BadInput(
            f"The payment of batch {name} needs a bank's reference of 1 to {_MOST_REFERENCE} characters.",
            hint="Give the bank's own reference of the payment.",
        )
    if row.state == "paid":
        return ConfirmedBatch(row.batch_id, True, ())
    packed = _amounts(connection, documents, row)
    key = content_key("payBatch", row.batch_id)
    args = (row.batch_id, packed, payment.bank_reference)
    intent = Intent(
        key, acting.account, "Escrow", "payBatch", args, acting.authority, pay_batch_gas(len(packed) // row.width)
    )
    outcome = queue(connection, deployment, intent, now)
    return ConfirmedBatch(row.batch_id, not outcome.new, (outcome.id,))


def _amounts(connection: Connection, documents: Documents, row: Row[Any]) -> bytes:
    """Packed, from the manifest."""
    name = short_name(row.batch_id)
    if row.fault is not None:
        raise Conflict(f"Batch {name} cannot be paid. {row.fault}", hint="The merchant places its orders again.")
    if not documents.has(row.manifest):
        raise NotFound(
            f"The manifest of batch {name} is not here.",
            where=row.manifest,
            hint="Have the merchant send it (`suyuan batch show --manifest`), and name the file.",
        )
    manifest = read_batch_manifest(documents.get(row.manifest))
    version = version_in_force(connection, row.rule)
    minimum = minimum_fen(legs_of(connection, row.rule, version.version)) if version is not None else 0
    for number, amount_fen in zip(manifest.numbers, manifest.amounts_fen, strict=True):
        if amount_fen < minimum:
            raise BadInput(
                f"Order {number} of batch {name} is of {amount_text(amount_fen)} yuan, less than the "
                f"{amount_text(minimum)} that the fixed legs and floors of rule {row.rule} now take.",
                hint="Pay the buyers back, or have the merchant put another version of the rule in force.",
            )
    return pack_amounts(manifest.amounts_fen, row.width)
