"""SQL and Python split alike, on both databases."""

from __future__ import annotations

from collections import defaultdict
from itertools import count as count_up

import pytest
from split_cases import case
from sqlalchemy import Connection, Engine, insert, select
from tier_cases import case as tier_case

from ledger.errors import BadInput
from ledger.settle.split import MOST_FEN, Leg, LegKind, allocate, check_legs
from ledger.settle.split_sql import allocated
from ledger.store.database import write
from ledger.store.migrate import ensure_schema
from ledger.store.schema import order, rule_leg

CASES = 20_000
FEW = 2_000


def split_in_sql(connection: Connection, cases: dict[int, tuple[int, list[Leg]]]) -> dict[int, tuple[int, ...]]:
    """The parts by leg of each case; a case without rows is missing."""
    legs = [
        {"rule": number, "version": 1, "leg": place, "payee": leg.payee, "kind": leg.kind.value}
        | {"value": leg.value, "cap_fen": leg.cap_fen, "floor_fen": leg.floor_fen, "nested": leg.nested}
        for number, (_, rule) in cases.items()
        for place, leg in enumerate(rule)
    ]
    orders = [
        {"order_id": str(number), "merchant": 1, "number": str(number), "amount_fen": amount, "currency": "CNY"}
        | {"rule": number, "version": 1, "carrier": 1, "state": "delivered", "refunded_fen": 0}
        | {"placed_block": 1, "placed_at": 1}
        for number, (amount, _) in cases.items()
    ]
    connection.execute(insert(rule_leg), legs)
    connection.execute(insert(order), orders)
    parts: dict[int, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(allocated(select(order).subquery("orders"))):
        parts[int(row.order_id)][row.leg] = row.amount_fen
    return {number: tuple(by_leg[leg] for leg in sorted(by_leg)) for number, by_leg in parts.items()}


def is_rule(legs: list[Leg]) -> bool:
    try:
        check_legs(legs)
    except BadInput:
        return False
    return True


MANY = pytest.mark.parametrize("count", [FEW, pytest.param(CASES, marks=pytest.mark.heavy)])


@MANY
def test_sql_and_python_split_random_orders_alike(engine: Engine, count: int) -> None:
    cases = {number: case(number) for number in range(count)}
    rules = {number: one for number, one in cases.items() if is_rule(one[1])}
    ensure_schema(engine)
    with write(engine) as connection:
        in_sql = split_in_sql(connection, rules)
        connection.rollback()
    in_python = {number: allocate(*one) for number, one in rules.items() if one[0] <= MOST_FEN}
    assert len(in_python) > count * 0.9
    assert in_sql == in_python


@MANY
def test_sql_and_python_divide_random_nested_rules_alike(engine: Engine, count: int) -> None:
    resolved: dict[int, tuple[int, list[Leg]]] = {}
    for number in range(count):
        one = tier_case(number)
        if one.parts_fen() is not None:
            resolved[number] = one.amount_fen, list(one.plain_legs())
    ensure_schema(engine)
    with write(engine) as connection:
        in_sql = split_in_sql(connection, resolved)
        connection.rollback()
    assert sum(any(leg.nested for leg in legs) for _, legs in resolved.values()) > count * 0.4
    assert in_sql == {number: allocate(*one) for number, one in resolved.items()}


def test_the_largest_order_is_split_and_one_fen_more_is_left_out(engine: Engine) -> None:
    legs = [Leg(2, LegKind.SHARE, 10_000), Leg(3, LegKind.FIXED, MOST_FEN), Leg(1, LegKind.RESIDUAL)]
    numbers = count_up(1)
    cases = {next(numbers): (amount, legs) for amount in (MOST_FEN, MOST_FEN + 1)}
    ensure_schema(engine)
    with write(engine) as connection:
        assert split_in_sql(connection, cases) == {1: (MOST_FEN, 0, 0)}
        connection.rollback()
