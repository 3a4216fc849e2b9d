"""Solidity and Python reckon prices alike: the shipped bytecode of Campaigns against `ledger.settle.price`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from many_calls import FunctionOnNode
from pure_calls import PureFunction, Refused

from ledger.settle.price import (
    KINDS,
    WHOLE_BPS,
    CampaignKind,
    CampaignTerms,
    commission_fen,
    off_fen,
    reckon,
    shopper_back_fen,
    sponsor_fen,
)

CASES = 20_000
FEW = 400  # without a node each costs some milliseconds
MOST_FEN = 9 * 10**14


def some_fen(dice: random.Random) -> int:
    """Of any magnitude, the edges often."""
    if dice.random() < 0.1:
        return dice.choice([1, 2, 3, MOST_FEN - 1, MOST_FEN])
    return 1 + dice.randrange(10 ** dice.randint(1, 14))


def case(number: int) -> tuple[CampaignTerms, int, int]:
    """Terms, a price, and what remains of an order."""
    dice = random.Random(number)
    kind = dice.choice(KINDS)
    price = dice.choice([0, some_fen(dice), some_fen(dice), some_fen(dice)])
    amount = dice.random() < 0.5
    threshold = 0
    if kind is CampaignKind.THRESHOLD:
        threshold = max(1, dice.choice([price, price + 1, price - 1, price // 3, some_fen(dice)]))
    repeats = amount and kind is CampaignKind.THRESHOLD and dice.random() < 0.5
    values = [max(1, threshold // 10)] if repeats else [some_fen(dice), max(1, price), max(1, price - 1)]
    terms = CampaignTerms(
        kind=kind,
        rank=1,
        budget_fen=MOST_FEN,
        starts=0,
        ends=1,
        hold_seconds=1,
        value_fen=dice.choice(values) if amount else 0,
        bps=0 if amount else dice.choice([1, 9_999, WHOLE_BPS, 1 + dice.randrange(WHOLE_BPS)]),
        threshold_fen=threshold,
        repeats=repeats,
        cap_fen=dice.choice([0, 0, some_fen(dice)]),
        sponsor_bps=dice.choice([0, WHOLE_BPS, dice.randrange(WHOLE_BPS + 1)]),
    )
    return terms, price, dice.choice([0, some_fen(dice)])


def compare(answers: Sequence[Sequence[Any] | Refused]) -> None:
    """What Solidity says of the first cases is what Python says."""
    for number, answer in enumerate(answers):
        terms, price, rest = case(number)
        off = off_fen(terms, price)
        ours = (off, sponsor_fen(terms, off), commission_fen(terms, rest))
        assert not isinstance(answer, Refused), f"case {number} is refused: {terms}, {price}"
        assert tuple(answer) == ours, f"case {number}: {terms}, {price}, {rest}"


def asked(count: int) -> list[tuple[Any, ...]]:
    return [(terms.arguments, price, rest) for terms, price, rest in map(case, range(count))]


def test_solidity_and_python_reckon_random_prices_alike() -> None:
    contract = PureFunction("Campaigns", "discount")
    compare([contract(*one) for one in asked(FEW)])


@pytest.mark.heavy
def test_solidity_and_python_reckon_twenty_thousand_random_prices_alike(node: str) -> None:
    compare(FunctionOnNode(node, "Campaigns", "discount").each(asked(CASES)))


def test_the_cases_hold_what_is_awkward() -> None:
    cases = [case(number) for number in range(CASES)]
    assert {0, 1, 2, 3, MOST_FEN - 1, MOST_FEN} <= {price for _, price, _ in cases}
    assert sum(price > 1 and off_fen(terms, price) == price - 1 for terms, price, _ in cases) > 100
    assert sum(terms.cap_fen != 0 and off_fen(terms, price) == terms.cap_fen for terms, price, _ in cases) > 100
    assert sum(terms.threshold_fen == price for terms, price, _ in cases) > 100
    assert sum(terms.repeats and off_fen(terms, price) > terms.value_fen for terms, price, _ in cases) > 100


def test_who_bears_what_adds_up_and_one_fen_remains() -> None:
    for number in range(0, CASES, 4):
        cases = [case(number + offset) for offset in range(4)]
        price = reckon(max(1, cases[0][1]), [terms for terms, _, _ in cases])
        off = sum(one.off_fen for one in price.discounts)
        borne = sum(one.sponsor_fen for one in price.discounts)
        assert price.list_fen - off == price.shopper_fen >= 1
        assert price.shopper_fen + borne == price.amount_fen
        assert all(0 <= one.sponsor_fen <= one.off_fen for one in price.discounts)


def test_shoppers_and_sponsors_part_of_refunds_only_grow() -> None:
    for number in range(2_000):
        dice = random.Random(number)
        amount = 1 + dice.randrange(10_000)
        shopper = 1 + dice.randrange(amount)
        backs = [shopper_back_fen(refunded, shopper, amount) for refunded in range(0, amount + 1, max(1, amount // 50))]
        assert backs == sorted(backs)
        rests = [
            refunded - back for refunded, back in zip(range(0, amount + 1, max(1, amount // 50)), backs, strict=True)
        ]
        assert rests == sorted(rests)
        assert shopper_back_fen(amount, shopper, amount) == shopper
