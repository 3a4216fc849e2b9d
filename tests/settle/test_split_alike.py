"""Solidity and Python split alike: the shipped bytecode against `ledger.settle.split` and `ledger.settle.tiers`, order by order.

`Tiers.allocate` runs the library that Escrow settles with."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import Any

import pytest
from many_calls import FunctionOnNode
from pure_calls import PureFunction, Refused
from split_cases import Case, case
from tier_cases import case as tier_case

from ledger.errors import BadInput
from ledger.settle.split import allocate

CASES = 20_000
FEW = 400  # without a node each costs some ten milliseconds
RESOLVED = 0.25  # of these, rules with steps and nested rules
PROCESSES = 2

Answer = tuple[int, ...] | None  # the fen of each leg; None: refused
Compared = tuple[list[tuple[int, Answer, Answer]], int]  # what differs: case, Python, Solidity; how many both refuse


def python_says(order: Case) -> Answer:
    try:
        return allocate(*order)
    except BadInput:
        return None


def _plain(number: int) -> tuple[Answer, int, tuple[Any, ...]]:
    """What Python says, the amount, and what Solidity is asked."""
    amount_fen, legs = case(number)
    return python_says((amount_fen, legs)), amount_fen, (amount_fen, [leg.on_chain for leg in legs], [], [])


def _resolved(number: int) -> tuple[Answer, int, tuple[Any, ...]]:
    """As `_plain`, for a rule with steps and nested rules."""
    order = tier_case(number)
    nested = [[leg.on_chain for leg in legs] for legs in order.nested]
    lines = [leg.on_chain for leg in order.lines]
    return order.parts_fen(), order.amount_fen, (order.amount_fen, lines, order.volumes_fen, nested)


@cache
def _function(url: str | None) -> Callable[[Sequence[tuple[Any, ...]]], list[Sequence[Any] | Refused]]:
    """`Tiers.allocate` of many orders: on the node at this address, else in a bare computation."""
    if url is not None:
        return FunctionOnNode(url, "Tiers", "allocate").each
    alone = PureFunction("Tiers", "allocate")
    return lambda asked: [alone(*one) for one in asked]


def compare(numbers: range, url: str | None = None) -> Compared:
    """The cases of these numbers on which the two differ, and how many were refused by both."""
    resolved = int(len(numbers) * RESOLVED)
    told = [(number, *_resolved(number)) for number in numbers[:resolved]]
    told += [(number, *_plain(number)) for number in numbers[resolved:]]
    answers = _function(url)([asked for *_, asked in told])
    differences: list[tuple[int, Answer, Answer]] = []
    refused = 0
    for (number, ours, amount_fen, _), answer in zip(told, answers, strict=True):
        theirs = None if isinstance(answer, Refused) else tuple(answer[0])
        if ours != theirs:
            differences.append((number, ours, theirs))
        elif ours is None:
            refused += 1
        else:
            assert sum(ours) == amount_fen, f"case {number} of {amount_fen} fen does not place every fen: {ours}"
    return differences, refused


def of_all(numbers: range, url: str | None) -> float:
    """The share of these cases that both refuse; they differ on none."""
    half = len(numbers) // PROCESSES
    shares = [numbers[at : at + half] for at in range(0, half * PROCESSES, half)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("fork")) as pool:
        results = list(pool.map(partial(compare, url=url), shares))
    differences = [difference for found, _ in results for difference in found]
    assert not differences, f"{len(differences)} differ, the first: case(number), Python, Solidity = {differences[0]}"
    return sum(count for _, count in results) / len(numbers)


def test_solidity_and_python_split_random_orders_alike() -> None:
    refused = of_all(range(FEW), None)
    assert 0.02 < refused < 0.15, f"{refused:.1%} refused: the cases are no more what they were"


@pytest.mark.heavy
def test_solidity_and_python_split_twenty_thousand_random_orders_and_rules_alike(node: str) -> None:
    refused = of_all(range(CASES), node)
    assert 0.02 < refused < 0.15, f"{refused:.1%} refused: the cases are no more what they were"


def test_the_cases_of_tiers_hold_what_is_awkward() -> None:
    orders = [tier_case(number) for number in range(2_000)]
    assert {0, 1, 2, 3, 9 * 10**14 - 1, 9 * 10**14} <= {order.amount_fen for order in orders}
    assert {0, 1, 2, 3, 4} <= {len(order.volumes_fen) for order in orders}
    assert {0, 1, 2} <= {len(order.nested) for order in orders}
    assert {1, 2, 3, 4, 5} <= {len(legs) for order in orders for legs in order.nested}
    edges = [order for order in orders for line in order.lines if line.floor_fen in order.volumes_fen]
    assert len(edges) > 100


def test_the_cases_hold_what_is_awkward() -> None:
    orders = [case(number) for number in range(CASES)]
    amounts = {amount for amount, _ in orders}
    assert {0, 1, 2, 3, 9 * 10**14 - 1, 9 * 10**14} <= amounts
    assert {1, 2, 3, 4, 16} <= {len(legs) for _, legs in orders}
    at_the_cap = [
        number
        for number, (amount, legs) in enumerate(orders)
        if any(leg.cap_fen and amount * leg.value // 10_000 == leg.cap_fen for leg in legs)
    ]
    assert len(at_the_cap) > 100
