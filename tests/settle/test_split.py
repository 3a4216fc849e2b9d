"""What a split refuses, places and explains."""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.settle.split import MOST_FEN, Leg, LegKind, allocate, check_legs, explain, minimum_fen

PLATFORM, CREATOR, CARRIER, MERCHANT = 5, 4, 2, 3
REST = Leg(MERCHANT, LegKind.RESIDUAL)


def fixed(payee: int, fen: int) -> Leg:
    return Leg(payee, LegKind.FIXED, fen)


def share(payee: int, bps: int, cap_fen: int = 0) -> Leg:
    return Leg(payee, LegKind.SHARE, bps, cap_fen)


USUAL = [fixed(PLATFORM, 50), share(CREATOR, 2000), share(CARRIER, 500, 300), REST]


@pytest.mark.parametrize(
    ("legs", "sentence"),
    [
        ([], "1 to 16 legs, not 0"),
        ([fixed(1, 1)] * 16 + [REST], "1 to 16 legs, not 17"),
        ([fixed(1, 1)], "exactly one residual leg, not 0"),
        ([REST, REST], "exactly one residual leg, not 2"),
        ([share(1, 6000), share(2, 4001), REST], "10,001 basis points, more than the whole"),
        ([REST, fixed(0, 1)], "leg 2: A leg pays a member by its number"),
        ([REST, fixed(2**32, 1)], "leg 2: A leg pays a member by its number"),
        ([fixed(1, 0), REST], "leg 1: A fixed leg's value is at least 1"),
        ([share(1, 0), REST], "leg 1: A share leg's value is at least 1"),
        ([fixed(1, -5), REST], "leg 1: A fixed leg's value is at least 1"),
        ([Leg(1, LegKind.FIXED, 1, 1), REST], "leg 1: Only a share has a cap"),
        ([Leg(1, LegKind.RESIDUAL, 1)], "leg 1: A residual leg has neither value nor cap"),
        ([Leg(1, LegKind.RESIDUAL, 0, 1)], "leg 1: A residual leg has neither value nor cap"),
        ([share(1, 1, MOST_FEN + 1), REST], "leg 1: A cap is 0 \\(none\\) to 900,000,000,000,000 fen"),
        ([share(1, 1, -1), REST], "leg 1: A cap is 0"),
        ([fixed(1, MOST_FEN), fixed(2, 1), REST], "fixed legs and floors add up to 900,000,000,000,001 fen"),
    ],
)
def test_refuses_legs_that_make_no_rule(legs: list[Leg], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        check_legs(legs)
    with pytest.raises(BadInput, match=sentence):
        allocate(1000, legs)


@pytest.mark.parametrize("amount_fen", [-1, MOST_FEN + 1])
def test_refuses_an_amount_out_of_bounds(amount_fen: int) -> None:
    with pytest.raises(BadInput, match="An amount is 0 to 900,000,000,000,000 fen"):
        allocate(amount_fen, USUAL)


def test_places_every_fen() -> None:
    assert allocate(999, USUAL) == (50, 199, 49, 701)


def test_the_residual_takes_last_wherever_it_stands() -> None:
    assert allocate(1000, [REST, fixed(1, 300), share(2, 3333)]) == (367, 300, 333)


def test_a_leg_takes_at_most_what_the_legs_before_it_left() -> None:
    assert allocate(100, [share(1, 9000), fixed(2, 30), share(4, 1000), REST]) == (90, 10, 0, 0)


def test_a_share_is_of_the_whole_amount_not_of_what_is_left() -> None:
    assert allocate(1000, [fixed(1, 500), share(2, 1000), REST]) == (500, 100, 400)


def test_a_cap_holds_from_its_edge_on() -> None:
    capped = [share(1, 1000, 10), REST]
    assert [allocate(amount, capped)[0] for amount in (99, 100, 109, 110, MOST_FEN)] == [9, 10, 10, 10, 10]


def test_the_whole_may_be_shared_out_and_rounding_goes_to_the_residual() -> None:
    halves = [share(1, 5000), share(2, 5000), REST]
    assert allocate(3, halves) == (1, 1, 1)
    assert allocate(4, halves) == (2, 2, 0)


def test_answers_for_nothing() -> None:
    assert allocate(0, USUAL) == (0, 0, 0, 0)


def test_the_minimum_is_the_sum_of_the_fixed_legs() -> None:
    assert minimum_fen([fixed(1, 50), share(2, 100), fixed(1, 7), REST]) == 57
    assert minimum_fen([REST]) == 0


def test_a_leg_stands_on_chain_as_payee_kind_value_cap_floor() -> None:
    assert [leg.on_chain for leg in USUAL] == [
        (5, 0, 50, 0, 0),
        (4, 1, 2000, 0, 0),
        (2, 1, 500, 300, 0),
        (3, 2, 0, 0, 0),
    ]


def test_explains_each_leg_in_the_order_of_taking() -> None:
    lines = explain(1001, [REST, fixed(PLATFORM, 50), share(CREATOR, 1250), share(CARRIER, 500, 30)])
    assert [(line.index, line.operation, line.amount_fen, line.left_fen) for line in lines] == [
        (1, "fixed 50 fen", 50, 951),
        (2, "1,001 fen × 1,250 bp ÷ 10,000 = 125 (rounded down)", 125, 826),
        (3, "1,001 fen × 500 bp ÷ 10,000 = 50 (rounded down), capped at 30", 30, 796),
        (0, "what the other legs leave: 796", 796, 0),
    ]


def test_explains_an_exact_share_without_rounding() -> None:
    assert explain(1000, [share(1, 1250), REST])[0].operation == "1,000 fen × 1,250 bp ÷ 10,000 = 125"


def test_explains_a_leg_that_finds_too_little_left() -> None:
    lines = explain(20, [fixed(PLATFORM, 50), share(CREATOR, 1250), REST])
    assert [line.operation for line in lines] == [
        "fixed 50 fen, but only 20 was left",
        "20 fen × 1,250 bp ÷ 10,000 = 2 (rounded down), but only 0 was left",
        "what the other legs leave: 0",
    ]


def test_the_explanation_is_the_allocation() -> None:
    for amount_fen in (0, 1, 49, 50, 51, 6001, MOST_FEN):
        by_place = sorted(explain(amount_fen, USUAL), key=lambda line: line.index)
        assert tuple(line.amount_fen for line in by_place) == allocate(amount_fen, USUAL)
