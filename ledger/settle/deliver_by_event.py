"""Delivery by a carrier's EPCIS event: of the orders that it names, those on their own and those in batches, each in its batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from ledger.chain.contracts import Deployment
from ledger.chain.session import Authority
from ledger.settle.acting import Acting, may
from ledger.settle.batch_rows import paid_batch, under_way_in
from ledger.settle.delivery import queue_deliveries
from ledger.settle.orders_named import NOT_YET_THERE, orders_named
from ledger.settle.settle_batch import queue_settlement
from ledger.store.queries.members import MemberRow


def queue_deliveries_by_event(
    connection: Connection,
    deployment: Deployment,
    member: MemberRow,
    biz_transactions: Sequence[tuple[str | None, str]],
    biz_step: str | None,
    commitment: str,
    authority: Authority,
    now: int,
) -> list[int]:
    """Queues delivery and settlement of the paid orders that a carrier's event names; the ids of the transactions.

    Nothing is refused: an event may name what is no order, is not paid, is another carrier's, or is said before the
    goods are there. The session must cover `deliver`.
    """
    acting = Acting(member, authority)
    if biz_step in NOT_YET_THERE or not may(acting, "deliver"):
        return []
    named = orders_named(connection, member.member, biz_transactions)
    alone = [row for row in named if row.batch_id is None and row.state in ("paid", "delivered")]
    ids = list(queue_deliveries(connection, deployment, acting, alone, commitment, now).outbox_ids)
    return ids + _in_batches(connection, deployment, acting, named, commitment, now)


def _in_batches(
    connection: Connection, deployment: Deployment, acting: Acting, named: Sequence[Row[Any]], commitment: str, now: int
) -> list[int]:
    """One transaction a batch."""
    ids: list[int] = []
    for batch in dict.fromkeys(str(row.batch_id) for row in named if row.batch_id is not None):
        busy = under_way_in(connection, batch, "settleBatch", "delivered")
        mine = [row for row in named if row.batch_id == batch and row.state == "paid" and row.position not in busy]
        if mine:
            of = paid_batch(connection, batch)
            ids.append(queue_settlement(connection, deployment, acting, of, mine, commitment, now))
    return ids
