"""The keeper of campaigns: gives sponsors their part of refunds, pays commissions of ended orders, frees reservations that
have lapsed, and closes campaigns that have ended.

It reads rows and is no event handler, so that a rebuild of the index sends nothing; what stands the contract passes over.
Anyone may send all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, queue
from ledger.settle.acting import Acting
from ledger.settle.batches import content_key
from ledger.settle.campaign_rows import budgets_of
from ledger.settle.under_way import calls_under_way
from ledger.store.schema import block, campaign, debt, promotion, promotion_part
from ledger.store.schema import order as orders

MOST_A_STEP = 100


def keep_campaigns(connection: Connection, deployment: Deployment, acting: Acting, *, now: int) -> list[int]:
    """Queues up to 100 acts of each kind, in the caller's write transaction; `acting` is whoever pays for them. Run again
    at once, it queues nothing. The ids that were queued."""
    session = acting.authority.session.token_hash if acting.authority else None
    ids: list[int] = []
    for function, subject, state in (*_to_settle_up(connection), *_to_release(connection), *_to_close(connection)):
        # A refused act is not sent again by itself, unless what it rests on has changed; a new session may do better.
        key = content_key(f"campaigns-{function}", subject, state, session)
        intent = Intent(key, acting.account, "Campaigns", function, (subject,), acting.authority)
        outcome = queue(connection, deployment, intent, now, again=False)
        if outcome.new:
            ids.append(outcome.id)
    return ids


Act = tuple[str, Any, Any]
"""Function, its one argument, and what of the rows it rests on."""


def _to_settle_up(connection: Connection) -> Iterator[Act]:
    """Sponsors wait while anything is due to shoppers, and commissions with them."""
    if int(connection.execute(select(func.sum(debt.c.due_fen))).scalar() or 0):
        return
    busy = _busy(connection, "settleUp", "order")
    waiting_commission = exists().where(
        promotion_part.c.order_id == promotion.c.order_id,
        promotion_part.c.reserved_fen > 0,
        promotion_part.c.commission_fen.is_(None),
    )
    # One fen of a refund may be the shopper's alone: then settling up changes nothing, and is sent once.
    query = (
        select(promotion.c.order_id, orders.c.refunded_fen, orders.c.state)
        .join(orders, orders.c.order_id == promotion.c.order_id)
        .where(
            promotion.c.state == "paid",
            or_(
                and_(
                    promotion.c.settled_up_fen < orders.c.refunded_fen, promotion.c.shopper_fen < promotion.c.amount_fen
                ),
                and_(orders.c.state.in_(("settled", "refunded")), waiting_commission),
            ),
        )
        .order_by(promotion.c.order_id)
    )
    for row in connection.execute(query.limit(MOST_A_STEP + len(busy))).all():
        if row.order_id not in busy:
            yield "settleUp", row.order_id, [row.refunded_fen, row.state]


def _to_release(connection: Connection) -> Iterator[Act]:
    busy = _busy(connection, "release", "order")
    lapsed = promotion.c.state == "reserved", promotion.c.until < _newest(connection)
    query = select(promotion.c.order_id, promotion.c.until).where(*lapsed).order_by(promotion.c.order_id)
    for row in connection.execute(query.limit(MOST_A_STEP + len(busy))).all():
        if row.order_id not in busy:
            yield "release", row.order_id, row.until


def _to_close(connection: Connection) -> Iterator[Act]:
    busy = {int(call.args["campaign"]) for call in calls_under_way(connection, "Campaigns", ["close"])}
    ended = connection.execute(select(campaign).where(campaign.c.ends <= _newest(connection))).all()
    budgets = budgets_of(connection, ended)
    for row in ended:
        if budgets[row.campaign].free_fen > 0 and row.campaign not in busy:
            yield "close", row.campaign, budgets[row.campaign].returned_fen


def _newest(connection: Connection) -> int:
    """The newest indexed block's time: the contract's clock is never behind it."""
    return int(connection.scalar(select(func.max(block.c.timestamp))) or 0)


def _busy(connection: Connection, function: str, argument: str) -> set[str]:
    calls = calls_under_way(connection, "Campaigns", [function])
    return {"0x" + bytes(call.args[argument]).hex() for call in calls}
