"""Placing a merchant's orders by the batch: at most 1,000 under one rule for one carrier, each batch with its manifest.

As with orders that are placed one by one, the merchant's own number makes it idempotent: the same terms again change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import SuyuanError
from ledger.settle.acting import Acting, require_role
from ledger.settle.batch_gas import PLACE_BATCH_GAS
from ledger.settle.batch_id import BatchTerms, batch_id
from ledger.settle.batch_manifest import BatchManifest, write_batch_manifest
from ledger.settle.batches import content_key
from ledger.settle.faults import raise_faults
from ledger.settle.order_line import OrderLine
from ledger.settle.order_terms import Terms, TermsCheck, sort_orders
from ledger.settle.orders_csv import Behaviour
from ledger.settle.packed_amounts import pack_amounts, root_of, width_of
from ledger.settle.standing_orders import standing_orders
from ledger.store.documents import Documents

MOST_ORDERS_PLACED = 1_000  # of the 4,096 that the contract takes: a settlement then stays far below a block


@dataclass(frozen=True)
class PlacedBatch:
    """`id` 0x hex."""

    id: str
    terms: BatchTerms


@dataclass(frozen=True)
class PlacedBatches:
    """The new batches; order numbers that stood already with the same content; what was refused. `outbox_ids` carry the
    new ones."""

    new: tuple[PlacedBatch, ...]
    repeated: tuple[str, ...]
    refused: tuple[SuyuanError, ...]
    outbox_ids: tuple[int, ...]


def place_batches(
    connection: Connection,
    deployment: Deployment,
    documents: Documents,
    acting: Acting,
    lines: Sequence[OrderLine],
    *,
    now: int,
    behaviour: Behaviour = "rollback",
) -> PlacedBatches:
    """Keeps the manifests and queues the batches of the orders that are new, in the caller's write transaction.

    NotAllowed when the member is no merchant. An order that cannot be (BadInput), or whose number stands with other
    terms (Conflict), refuses all, unless `behaviour` is "proceed": then it is listed and the others are placed.
    """
    require_role(acting, Role.MERCHANT, "place orders")
    merchant = acting.member.member
    check = TermsCheck(connection, merchant, in_batches=True)
    standing = standing_orders(connection, merchant, [line.number for line in lines], documents)
    found = sort_orders(check, standing, lines)
    if found.refused and behaviour == "rollback":
        raise_faults(found.refused, "orders", "no order was placed")
    new: list[PlacedBatch] = []
    ids: list[int] = []
    for (rule, carrier), amounts in _in_batches(found.fresh):
        placed = _keep(documents, merchant, rule, carrier, amounts)
        key = content_key("placeBatch", merchant, placed.id)
        args = (placed.terms.on_chain,)
        intent = Intent(key, acting.account, "Escrow", "placeBatch", args, acting.authority, PLACE_BATCH_GAS)
        new.append(placed)
        ids.append(queue(connection, deployment, intent, now).id)
    return PlacedBatches(tuple(new), found.repeated, found.refused, tuple(ids))


def _in_batches(fresh: Mapping[str, Terms]) -> Iterator[tuple[tuple[int, int], dict[str, int]]]:
    """Rule and carrier with amounts by number, in the order in which the orders came."""
    groups: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for number, terms in fresh.items():
        groups.setdefault((terms.rule, terms.carrier), []).append((number, terms.amount_fen))
    for alike, orders in groups.items():
        for start in range(0, len(orders), MOST_ORDERS_PLACED):
            yield alike, dict(orders[start : start + MOST_ORDERS_PLACED])


def _keep(documents: Documents, merchant: int, rule: int, carrier: int, amounts: Mapping[str, int]) -> PlacedBatch:
    """The batch of these orders; its manifest is in the store before anybody can hear of it."""
    manifest = BatchManifest(merchant, tuple(amounts), tuple(amounts.values()))
    width = width_of(manifest.amounts_fen)
    root = root_of(pack_amounts(manifest.amounts_fen, width), width).hex()
    digest = documents.put(write_batch_manifest(manifest))
    terms = BatchTerms(digest, root, manifest.total_fen, rule, carrier, len(amounts), width)
    return PlacedBatch(batch_id(merchant, terms), terms)
