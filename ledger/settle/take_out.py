"""Taking orders out of a batch, to live on alone: for what a batch cannot do, such as a refund in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.errors import Conflict
from ledger.settle.acting import Acting
from ledger.settle.batch_gas import MOST_TAKEN_OUT, take_out_gas
from ledger.settle.batch_rows import parted, under_way_in
from ledger.settle.batches import content_key
from ledger.settle.refund_batch import merchants_batch


@dataclass(frozen=True)
class TakenOut:
    """Order numbers: newly taken out, and before or under way."""

    id: str
    new: tuple[str, ...]
    repeated: tuple[str, ...]
    outbox_ids: tuple[int, ...]


def take_out(
    connection: Connection, deployment: Deployment, acting: Acting, batch: str, numbers: Sequence[str], *, now: int
) -> TakenOut:
    """Queues it in the caller's write transaction, a few hundred orders a transaction; one fault refuses all.

    NotAllowed when the member is not the batch's merchant; NotFound for an unknown batch or number; Conflict for a batch
    that is not paid, or an order that was refunded.
    """
    of = merchants_batch(connection, acting, batch, numbers, "take orders out of a batch")
    wanted = of.numbered(numbers, "none was taken out", _fault)
    busy = under_way_in(connection, of.id, "takeOut", "marked")
    fresh, repeated = parted(wanted, lambda order: order.batch_id is None or order.position in busy)
    ids: list[int] = []
    for start in range(0, len(fresh), MOST_TAKEN_OUT):
        part = fresh[start : start + MOST_TAKEN_OUT]
        marks, chunks = of.call(order.position for order in part)
        key, gas = content_key("takeOut", of.id, marks), take_out_gas(of.count, len(part))
        args = (of.id, marks, chunks)
        intent = Intent(key, acting.account, "Escrow", "takeOut", args, acting.authority, gas)
        ids.append(queue(connection, deployment, intent, now).id)
    return TakenOut(of.id, tuple(order.number for order in fresh), repeated, tuple(ids))


def _fault(order: Row[Any]) -> Conflict | None:
    if order.batch_id is None or order.state != "refunded":
        return None
    return Conflict(f"Order {order.number} was refunded in full.", hint="Nothing is left of it to go on alone.")
