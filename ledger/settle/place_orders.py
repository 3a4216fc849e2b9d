"""Placing a merchant's orders: each checked against the rows, those that are new queued in batches.

The merchant's own order number makes it idempotent: the same terms again change nothing, other terms are a Conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Role
from ledger.errors import SuyuanError
from ledger.settle.acting import Acting, require_role
from ledger.settle.batches import PLACE_GAS, batch_gas, content_key, in_batches
from ledger.settle.faults import raise_faults
from ledger.settle.order_line import OrderLine
from ledger.settle.order_terms import Terms, TermsCheck, sort_orders
from ledger.settle.orders_csv import Behaviour
from ledger.settle.standing_orders import standing_orders
from ledger.store.documents import Documents

MOST_PROMOTED = 20  # in a transaction


@dataclass(frozen=True)
class PlacedOrders:
    """What became of each order, by number. `outbox_ids` are the transactions that carry the new ones."""

    new: tuple[str, ...]
    repeated: tuple[str, ...]
    refused: tuple[SuyuanError, ...]
    outbox_ids: tuple[int, ...]


def place_orders(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    lines: Sequence[OrderLine],
    *,
    now: int,
    behaviour: Behaviour = "rollback",
    documents: Documents | None = None,
) -> PlacedOrders:
    """Queues the orders that are new, in the caller's write transaction.

    NotAllowed when the member is no merchant. An order that cannot be (BadInput), or whose number stands with other
    terms (Conflict), refuses all, unless `behaviour` is "proceed": then it is listed and the others are placed.
    `documents`: where manifests lie of batches that are not paid yet: their numbers are used, too.
    """
    require_role(acting, Role.MERCHANT, "place orders")
    check = TermsCheck(connection, acting.member.member, now=now)
    standing = standing_orders(connection, acting.member.member, [line.number for line in lines], documents)
    found = sort_orders(check, standing, lines)
    if found.refused and behaviour == "rollback":
        raise_faults(found.refused, "orders", "no order was placed")
    plain = [(number, terms) for number, terms in found.fresh.items() if not terms.campaigns]
    promoted = [(number, terms) for number, terms in found.fresh.items() if terms.campaigns]
    ids = [_queue(connection, deployment, acting, batch, now) for batch in in_batches(plain, PLACE_GAS)]
    for start in range(0, len(promoted), MOST_PROMOTED):
        ids.append(_queue_promoted(connection, deployment, acting, promoted[start : start + MOST_PROMOTED], now))
    return PlacedOrders(tuple(found.fresh), found.repeated, found.refused, tuple(ids))


def _queue(
    connection: Connection, deployment: Deployment, acting: Acting, batch: Sequence[tuple[str, Terms]], now: int
) -> int:
    args = [(number, terms.amount_fen, terms.rule, terms.carrier) for number, terms in batch]
    key = content_key("place", acting.member.member, args)
    intent = Intent(key, acting.account, "Escrow", "place", (args,), acting.authority, batch_gas(PLACE_GAS, len(batch)))
    return queue(connection, deployment, intent, now).id


def _queue_promoted(
    connection: Connection, deployment: Deployment, acting: Acting, batch: Sequence[tuple[str, Terms]], now: int
) -> int:
    """The contract is told list prices and campaigns, and no other price."""
    args = [((number, terms.list_fen, terms.rule, terms.carrier), list(terms.campaigns)) for number, terms in batch]
    key = content_key("promoted", acting.member.member, args)
    intent = Intent(key, acting.account, "Campaigns", "place", (args,), acting.authority)
    return queue(connection, deployment, intent, now).id
