"""Solidity and Python split alike: the shipped bytecode against `ledger.settle.split` and `ledger.settle.tiers`, order by order.

`Tiers.allocate` runs the library that Escrow settles with."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from pure_calls import PureFunction, Refused
from split_cases import Case, case
from tier_cases import case as tier_case

from ledger.errors import BadInput
from ledger.settle.split import allocate

CASES = 20_000
RESOLVED = 5_000  # of these, rules with steps and nested rules
PROCESSES = 2

Answer = tuple[int, ...] | None  # the fen of each leg; None: refused


def python_says(order: Case) -> Answer:
    try:
        return allocate(*order)
    except BadInput:
        return None


def solidity_says(contract: PureFunction, order: Case) -> Answer:
    amount_fen, legs = order
    return _answer(contract(amount_fen, [leg.on_chain for leg in legs], [], []))


def _answer(answer: Sequence[Any] | Refused) -> Answer:
    if isinstance(answer, Refused):
        return None
    (amounts,) = answer
    return tuple(amounts)


def compare(numbers: range) -> tuple[list[tuple[int, Answer, Answer]], int]:
    """The cases of these numbers on which the two differ, and how many were refused by both."""
    contract = PureFunction("Tiers", "allocate")
    differences: list[tuple[int, Answer, Answer]] = []
    refused = 0
    for number in numbers:
        order = case(number)
        ours, theirs = python_says(order), solidity_says(contract, order)
        if ours != theirs:
            differences.append((number, ours, theirs))
        elif ours is None:
            refused += 1
        else:
            assert sum(ours) == order[0], f"case {number} does not place every fen: {order} gave {ours}"
    return differences, refused


def compare_resolved(numbers: range) -> tuple[list[tuple[int, Answer, Answer]], int]:
    """As `compare`, for rules with steps and nested rules."""
    contract = PureFunction("Tiers", "allocate")
    differences: list[tuple[int, Answer, Answer]] = []
    refused = 0
    for number in numbers:
        order = tier_case(number)
        nested = [[leg.on_chain for leg in legs] for legs in order.nested]
        lines = [leg.on_chain for leg in order.lines]
        ours, theirs = order.parts_fen(), _answer(contract(order.amount_fen, lines, order.volumes_fen, nested))
        if ours != theirs:
            differences.append((number, ours, theirs))
        elif ours is None:
            refused += 1
        else:
            assert sum(ours) == order.amount_fen, f"case {number} does not place every fen: {order} gave {ours}"
    return differences, refused


def of_all(compared: Callable[[range], tuple[list[tuple[int, Answer, Answer]], int]], numbers: range) -> float:
    """The share of these cases that both refuse; they differ on none."""
    shares = [numbers[start::PROCESSES] for start in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("fork")) as pool:
        results = list(pool.map(compared, shares))
    differences = [difference for found, _ in results for difference in found]
    assert not differences, f"{len(differences)} differ, the first: case(number), Python, Solidity = {differences[0]}"
    return sum(count for _, count in results) / len(numbers)


def test_solidity_and_python_split_twenty_thousand_random_orders_and_rules_alike() -> None:
    refused = of_all(compare, range(RESOLVED, CASES))
    assert 0.02 < refused < 0.1, f"{refused:.1%} refused: the cases are no more what they were"
    refused = of_all(compare_resolved, range(RESOLVED))
    assert 0.02 < refused < 0.25, f"{refused:.1%} refused: the cases are no more what they were"


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
