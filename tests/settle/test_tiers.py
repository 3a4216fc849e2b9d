"""Rules with steps and nested rules: what is refused, which tier holds, and what they come to."""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.settle.months import month_at, month_bounds, month_name
from ledger.settle.split import MOST_FEN, Leg, LegKind, allocate, explain, minimum_fen, pack_legs, unpack_legs
from ledger.settle.tiers import (
    MOST_VOLUME_FEN,
    Line,
    can_be_nested,
    check_lines,
    lines_of,
    nested_rules,
    resolve,
    tiered_payees,
    tiers_of,
    version_pinned,
)

CREATOR, MERCHANT, FARM, PLATFORM = 4, 3, 1, 5
REST = Leg(MERCHANT, LegKind.RESIDUAL)
SHARE = Line(Leg(CREATOR, LegKind.SHARE, 1_000, floor_fen=10))
STEPS = [
    *(SHARE.leg, SHARE.step(100_000, 1_500), SHARE.step(1_000_000, 2_000, 500)),
    REST,
]
AGENCY = [Leg(FARM, LegKind.SHARE, 3_000), Leg(PLATFORM, LegKind.FIXED, 7), Leg(CREATOR, LegKind.RESIDUAL)]
NESTED = [Leg(CREATOR, LegKind.SHARE, 2_000), Leg(CREATOR, LegKind.NESTED, 7), REST]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([SHARE.step(1, 1), REST], "follows a leg of the same payee"),
        ([REST, SHARE.step(1, 1)], "follows a leg of the same payee"),
        ([Leg(CREATOR, LegKind.FIXED, 1), SHARE.step(1, 1), REST], "Only a share has steps"),
        ([SHARE.leg, SHARE.step(1, 0), REST], "at least 1 basis point"),
        ([SHARE.leg, SHARE.step(0, 1), REST], "ascend from above 0"),
        ([SHARE.leg, SHARE.step(5, 1), SHARE.step(5, 1), REST], "ascend from above 0"),
        ([SHARE.leg, SHARE.step(MOST_VOLUME_FEN + 1, 1), REST], "ascend from above 0"),
        ([SHARE.leg, SHARE.step(1, 1, 9), REST], "the floor of its share"),
        ([SHARE.leg, SHARE.step(1, 1, MOST_FEN + 1), REST], "the largest order"),
        ([SHARE.leg, *(SHARE.step(volume, 1) for volume in (1, 2, 3, 4)), REST], "at most 3 steps"),
        ([*[SHARE.leg, SHARE.step(1, 1)] * 5, REST], "At most 4 shares"),
        ([SHARE.leg, SHARE.step(1, 9_000), Leg(5, LegKind.SHARE, 1_001), REST], "in their greatest tiers"),
        ([SHARE.leg, Leg(CREATOR, LegKind.NESTED, 0), REST], "named by its number"),
        ([*NESTED[:2], NESTED[1], REST], "follows a leg of the same payee"),
        ([*NESTED[:2], SHARE.step(1, 1), REST], "follows a leg of the same payee"),
        ([*NESTED[:2], *[Leg(5, LegKind.FIXED, 1)] * 10, REST], "this one 17"),
        ([REST] * 33, "not 33 lines"),
    ],
)
def test_lines_that_make_no_rule_are_refused(lines: list[Leg], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_lines(lines)


def test_terms_are_no_legs_of_a_split() -> None:
    with pytest.raises(BadInput, match="A step is a term of the leg before it"):
        allocate(1000, STEPS)
    with pytest.raises(BadInput, match="here is none"):
        allocate(1000, resolve([*NESTED], (), [AGENCY])[1:])


@pytest.mark.parametrize(("volume", "tier"), [(0, 0), (99_999, 0), (100_000, 1), (999_999, 1), (1_000_000, 2)])
def test_a_tier_holds_from_its_volume_on(volume: int, tier: int) -> None:
    check_lines(STEPS)
    assert tiers_of(STEPS, [volume]) == (tier,)


def test_a_tier_has_its_own_cap_and_the_floor_of_its_share() -> None:
    assert resolve(STEPS, [2], []) == (Leg(CREATOR, LegKind.SHARE, 2_000, 500, 10), REST)
    assert resolve(STEPS, [0], []) == (SHARE.leg, REST)
    assert minimum_fen(STEPS) == 10
    assert tiered_payees(STEPS) == (CREATOR,)


def test_a_nested_rule_divides_what_its_leg_took_to_the_fen() -> None:
    legs = resolve(NESTED, (), [AGENCY])
    assert nested_rules(NESTED) == (7,)
    assert allocate(1001, legs) == (0, 60, 7, 133, 801)
    assert allocate(30, legs) == (0, 1, 5, 0, 24)
    assert allocate(0, legs) == (0, 0, 0, 0, 0)
    assert minimum_fen(legs) == 0


def test_an_explained_split_names_what_was_divided() -> None:
    lines = explain(1001, resolve(NESTED, (), [AGENCY]))
    assert [line.amount_fen for line in lines] == [0, 60, 7, 133, 801]
    assert lines[0].operation.endswith("= 200 (rounded down): 200, divided by a nested rule")
    assert lines[1].operation == "200 fen × 3,000 bp ÷ 10,000 = 60"
    assert lines[3].operation == "what the other legs leave: 133"


def test_packed_legs_are_read_back() -> None:
    for legs in (resolve(NESTED, (), [AGENCY]), resolve(STEPS, [1], [])):
        assert unpack_legs(pack_legs(legs)) == legs
    with pytest.raises(ValueError, match="no packed legs"):
        unpack_legs(bytes(30))


def test_lines_go_back_to_what_they_were() -> None:
    for lines in (STEPS, NESTED):
        assert [leg for line in lines_of(lines) for leg in line.legs] == lines
    assert can_be_nested(AGENCY)
    assert not can_be_nested(NESTED)
    assert version_pinned(7 + (3 << 16)) == 7


@pytest.mark.parametrize(
    ("timestamp", "name"),
    [
        (1_709_222_399, "2024-02"),  # 2024-02-29 23:59:59 +08:00
        (1_709_222_400, "2024-03"),
        (1_767_196_799, "2025-12"),
        (1_767_196_800, "2026-01"),
    ],
)
def test_months_end_at_midnight_in_china(timestamp: int, name: str) -> None:
    month = month_at(timestamp)
    assert month_name(month) == name
    first, next_first = month_bounds(month)
    assert first <= timestamp < next_first
    assert month_at(first) == month
    assert month_at(next_first) == month + 1


def test_months_are_counted_as_the_contract_counts_them() -> None:
    assert month_at(1_709_222_400) == 2024 * 12
