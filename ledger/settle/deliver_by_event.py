"""Delivery of orders in batches by a carrier's EPCIS event: as of orders on their own (`ledger.settle.delivery`), in their batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.session import Authority
from ledger.settle.acting import Acting, may
from ledger.settle.batch_rows import paid_batch, under_way_in
from ledger.settle.orders_named import NOT_YET_THERE, orders_named
from ledger.settle.settle_batch import queue_settlement
from ledger.store.queries.members import MemberRow


def queue_batch_deliveries_by_event(
    connection: Connection,
    deployment: Deployment,
    member: MemberRow,
    biz_transactions: Sequence[tuple[str | None, str]],
    biz_step: str | None,
    commitment: str,
    authority: Authority,
    now: int,
) -> list[int]:
    """Queues delivery and settlement of the orders in batches that a carrier's event names; the ids of the transactions, one
    a batch.

    Nothing is refused, as with orders on their own. The session must cover `deliver`.
    """
    acting = Acting(member, authority)
    if biz_step in NOT_YET_THERE or not may(acting, "deliver"):
        return []
    named = [row for row in orders_named(connection, member.member, biz_transactions) if row.batch_id is not None]
    ids: list[int] = []
    for batch in dict.fromkeys(str(row.batch_id) for row in named):
        busy = under_way_in(connection, batch, "settleBatch", "delivered")
        mine = [row for row in named if row.batch_id == batch and row.state == "paid" and row.position not in busy]
        if mine:
            of = paid_batch(connection, batch)
            ids.append(queue_settlement(connection, deployment, acting, of, mine, commitment, now))
    return ids
