"""The split in SQL: the same arithmetic as `ledger.settle.split`, for any number of orders in one query.

With the legs in their order and S the running sum of what they ask for (the residual asks for nothing), the legs up to
one have taken min(amount, S) together: so a leg's part is what that grew by, and the residual's is what is left of the
amount. Every number stays below 2^63, where SQLite's integers end: 9e14 × 10,000 is 9e18.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, case, func, select

from ledger.settle.split import MOST_FEN, WHOLE_BPS, LegKind
from ledger.store.schema import rule_leg


def allocated(orders: FromClause) -> Select[tuple[str, int, int, int]]:
    """By order and leg: order_id, leg (from 0), payee, amount_fen; a leg that gets nothing stands with 0.

    `orders` has order_id, amount_fen (0 to 9e14; others are left out), rule and version.
    """
    amount = orders.c.amount_fen
    asked = (
        select(
            orders.c.order_id,
            rule_leg.c.leg,
            rule_leg.c.payee,
            rule_leg.c.kind,
            amount.label("amount_fen"),
            _wanted(amount).label("wanted"),
        )
        .join(rule_leg, and_(rule_leg.c.rule == orders.c.rule, rule_leg.c.version == orders.c.version))
        .where(amount.between(0, MOST_FEN))
        .subquery("asked")
    )
    running = _whole(func.sum(asked.c.wanted).over(partition_by=asked.c.order_id, order_by=asked.c.leg))
    total = _whole(func.sum(asked.c.wanted).over(partition_by=asked.c.order_id))
    summed = select(asked, running.label("running"), total.label("total")).subquery("summed")
    taken = _least(summed.c.amount_fen, summed.c.running)
    before = _least(summed.c.amount_fen, summed.c.running - summed.c.wanted)
    left = summed.c.amount_fen - _least(summed.c.amount_fen, summed.c.total)
    part = case((summed.c.kind == LegKind.RESIDUAL.value, left), else_=taken - before)
    return select(summed.c.order_id, summed.c.leg, summed.c.payee, part.label("amount_fen"))


def _wanted(amount: ColumnElement[int]) -> ColumnElement[int]:
    """What the leg asks for, in fen."""
    share = amount * rule_leg.c.value // WHOLE_BPS
    capped = case((and_(rule_leg.c.cap_fen > 0, share > rule_leg.c.cap_fen), rule_leg.c.cap_fen), else_=share)
    floored = case((capped < rule_leg.c.floor_fen, rule_leg.c.floor_fen), else_=capped)
    return case(
        (rule_leg.c.kind == LegKind.FIXED.value, rule_leg.c.value),
        (rule_leg.c.kind == LegKind.SHARE.value, floored),
        else_=0,
    )


def _least(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _whole(number: ColumnElement[int]) -> ColumnElement[int]:
    """PostgreSQL's sums of large integers are decimals."""
    return number.cast(BigInteger)
