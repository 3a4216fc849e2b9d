"""The keeper: has members that owe, and have earned since, collect it, so that their debt is paid: shoppers who wait for a
refund first.

As `settle_delivered` it reads rows and is no event handler; collecting where nothing is owed or earned changes nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.settle.acting import Acting
from ledger.settle.batches import content_key
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import debt, entry

MOST_A_STEP = 100


def collect_owed(connection: Connection, deployment: Deployment, acting: Acting, *, now: int) -> list[int]:
    """Queues `Credit.collect` for up to 100 members that owe and have earned, in the caller's write transaction.

    Anyone may send it; `acting` is whoever pays for it. Run again at once, it queues nothing. The ids that were queued.
    """
    busy = {int(call.args["member"]) for call in calls_under_way(connection, "Credit", ["collect"])}
    owing = (
        select(debt.c.member, func.max(debt.c.block).label("block"))
        .where(debt.c.member.is_not(None))
        .group_by(debt.c.member)
        .having(func.sum(debt.c.owed_fen) > 0)
        .subquery()
    )
    earned = (
        select(owing.c.member, owing.c.block, func.max(entry.c.block).label("earned_block"))
        .join(entry, entry.c.member == owing.c.member)
        .where(entry.c.account == "available")
        .group_by(owing.c.member, owing.c.block)
        .having(func.sum(entry.c.amount_fen) > 0)
        .order_by(owing.c.member)
    )
    waiting = [row for row in connection.execute(earned) if row.member not in busy][:MOST_A_STEP]
    # What was refused is not sent again by itself; a new session may do better.
    session = acting.authority.session.token_hash if acting.authority else None
    ids: list[int] = []
    for row in waiting:
        key = content_key("collect", row.member, row.block, row.earned_block, session)
        intent = Intent(key, acting.account, "Credit", "collect", (row.member,), acting.authority)
        outcome = queue(connection, deployment, intent, now, again=False)
        if outcome.new:
            ids.append(outcome.id)
    return ids
