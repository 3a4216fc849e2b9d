"""The keeper: settles what is delivered and not settled yet.

It reads rows and is no event handler, so that a rebuild of the index sends nothing; the contract refuses a second time.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.settle.acting import Acting
from ledger.settle.batches import batch_gas, content_key, in_batches, settle_gas
from ledger.settle.delivery import by_version, settling_under_way
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import pack_legs
from ledger.store.schema import order as orders

MOST_A_STEP = 1_000


def settle_delivered(connection: Connection, deployment: Deployment, acting: Acting, *, now: int) -> list[int]:
    """Queues the settlement of up to 1,000 delivered orders, oldest first, in the caller's write transaction.

    Anyone may send it; `acting` is whoever pays for it. Run again at once, it queues nothing. The ids that were queued.
    """
    busy = settling_under_way(connection)
    # A refused batch is not sent again by itself; a new session may do better.
    session = acting.authority.session.token_hash if acting.authority else None
    waits = orders.c.state == "delivered", orders.c.batch_id.is_(None)
    query = select(orders).where(*waits).order_by(orders.c.delivered_block, orders.c.order_id)
    rows = connection.execute(query.limit(MOST_A_STEP + len(busy))).all()
    waiting = [row for row in rows if row.order_id not in busy][:MOST_A_STEP]
    ids: list[int] = []
    for (rule, version), group in by_version(waiting):
        legs = legs_of(connection, rule, version)
        for batch in in_batches(group, settle_gas(len(legs))):
            wanted = [row.order_id for row in batch]
            args = (wanted, pack_legs(legs))
            key = content_key("settle", wanted, session)
            gas = batch_gas(settle_gas(len(legs)), len(batch), len(legs))
            intent = Intent(key, acting.account, "Escrow", "settle", args, acting.authority, gas)
            outcome = queue(connection, deployment, intent, now, again=False)
            if outcome.new:
                ids.append(outcome.id)
    return ids
