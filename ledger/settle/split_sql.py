"""The split in SQL: the same arithmetic as `ledger.settle.split`, for any number of orders in one query.

With the legs in their order and S the running sum of what they ask for (the residual asks for nothing), the legs up to
one have taken min(amount, S) together: so a leg's part is what that grew by, and the residual's is what is left of the
amount. A nested rule's legs split the part of the leg before them in the same way. Every number stays below 2^63, where SQLite's integers end: 9e14 × 10,000 is 9e18.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    select,
    tuple_,
    union_all,
)

from ledger.settle.split import MOST_FEN, WHOLE_BPS, LegKind
from ledger.store.schema import rule_leg


def allocated(orders: FromClause) -> Select[tuple[str, int, int, int]]:
    """By order and leg: order_id, leg (from 0), payee, amount_fen; a leg that gets nothing stands with 0.

    `orders` has order_id, amount_fen (0 to 9e14; others are left out), rule and version, as pinned.
    """
    nested = select(rule_leg.c.rule, rule_leg.c.version).where(rule_leg.c.nested).distinct()
    pinned = tuple_(orders.c.rule, orders.c.version)
    legs = select(rule_leg).where(rule_leg.c.nested.is_(False)).subquery("own_leg")
    plain = _split(select(orders).where(pinned.not_in(nested)).subquery("plain"), rule_leg)
    own = _split(select(orders).where(pinned.in_(nested)).subquery("divided"), legs).subquery("own")
    # What a nested rule divides it divides whole: the legs that follow are given the part as an amount of their own.
    following = rule_leg.alias("following")
    divided = exists().where(
        following.c.rule == own.c.rule,
        following.c.version == own.c.version,
        following.c.leg == own.c.leg + 1,
        following.c.nested,
    )
    part = case((divided, 0), else_=own.c.amount_fen)
    parts = select(
        own.c.order_id.label("order_id"),
        own.c.leg,
        own.c.amount_fen.label("amount_fen"),
        own.c.rule.label("rule"),
        own.c.version.label("version"),
    )
    inner = _split(parts.where(divided).subquery("part"), _nested_legs())
    columns = ("order_id", "leg", "payee", "amount_fen")
    plain_parts, inner_parts = plain.subquery("plain_parts"), inner.subquery("inner_parts")
    together = union_all(
        select(*(plain_parts.c[name] for name in columns)),
        select(own.c.order_id, own.c.leg, own.c.payee, part.label("amount_fen")),
        select(*(inner_parts.c[name] for name in columns)),
    ).subquery("allocated")
    return select(*(together.c[name] for name in columns))


def _nested_legs() -> Subquery:
    """Each with the leg that it divides: the last before it that is not nested itself."""
    before = rule_leg.alias("before")
    divides = (
        select(func.max(before.c.leg))
        .where(before.c.rule == rule_leg.c.rule, before.c.version == rule_leg.c.version)
        .where(before.c.leg < rule_leg.c.leg, before.c.nested.is_(False))
        .scalar_subquery()
    )
    return select(rule_leg, divides.label("divides")).where(rule_leg.c.nested).subquery("nested_leg")


def _split(amounts: FromClause, legs: FromClause) -> Select[Any]:
    """By order and leg: order_id, leg, payee, amount_fen, rule, version. Where the legs say which leg they divide, each such
    leg's part is an amount of its own."""
    amount = amounts.c.amount_fen
    matching = [legs.c.rule == amounts.c.rule, legs.c.version == amounts.c.version]
    each = ["order_id"]
    columns = [
        amounts.c.order_id,
        amounts.c.rule,
        amounts.c.version,
        legs.c.leg,
        legs.c.payee,
        legs.c.kind,
        amount.label("amount_fen"),
        _wanted(amount, legs).label("wanted"),
    ]
    if "divides" in legs.c:
        matching.append(legs.c.divides == amounts.c.leg)
        columns.append(legs.c.divides)
        each.append("divides")
    asked = select(*columns).join(legs, and_(*matching)).where(amount.between(0, MOST_FEN)).subquery("asked")
    of_one = [asked.c[name] for name in each]
    running = _whole(func.sum(asked.c.wanted).over(partition_by=of_one, order_by=asked.c.leg))
    total = _whole(func.sum(asked.c.wanted).over(partition_by=of_one))
    summed = select(asked, running.label("running"), total.label("total")).subquery("summed")
    taken = _least(summed.c.amount_fen, summed.c.running)
    before = _least(summed.c.amount_fen, summed.c.running - summed.c.wanted)
    left = summed.c.amount_fen - _least(summed.c.amount_fen, summed.c.total)
    part = case((summed.c.kind == LegKind.RESIDUAL.value, left), else_=taken - before)
    return select(
        summed.c.order_id, summed.c.leg, summed.c.payee, part.label("amount_fen"), summed.c.rule, summed.c.version
    )


def _wanted(amount: ColumnElement[int], legs: FromClause) -> ColumnElement[int]:
    """What the leg asks for, in fen."""
    share = amount * legs.c.value // WHOLE_BPS
    capped = case((and_(legs.c.cap_fen > 0, share > legs.c.cap_fen), legs.c.cap_fen), else_=share)
    floored = case((capped < legs.c.floor_fen, legs.c.floor_fen), else_=capped)
    return case(
        (legs.c.kind == LegKind.FIXED.value, legs.c.value),
        (legs.c.kind == LegKind.SHARE.value, floored),
        else_=0,
    )


def _least(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _whole(number: ColumnElement[int]) -> ColumnElement[int]:
    """PostgreSQL's sums of large integers are decimals."""
    return number.cast(BigInteger)
