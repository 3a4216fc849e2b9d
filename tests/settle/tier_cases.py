"""Random orders, rules with steps and nested rules, and volumes, by number: the same number gives the same case, in any
process. Built on `split_cases`, whose awkward ones they keep: one fen, the largest order, caps at the edge, broken legs."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from split_cases import case as plain_case

from ledger.errors import BadInput
from ledger.settle.split import MOST_FEN, WHOLE_BPS, Leg, LegKind, allocate, check_legs
from ledger.settle.tiers import MOST_NESTED_LEGS, MOST_VOLUME_FEN, Line, check_lines, resolve, tiers_of


@dataclass(frozen=True)
class TierCase:
    """An amount, the lines that shall split it, a volume for each share with steps, and the legs of each nested rule."""

    amount_fen: int
    lines: list[Leg]
    volumes_fen: list[int]
    nested: list[list[Leg]]

    def plain_legs(self) -> tuple[Leg, ...]:
        """BadInput for what is no rule."""
        check_lines(self.lines)
        for legs in self.nested:
            check_legs(legs)
        return resolve(self.lines, tiers_of(self.lines, self.volumes_fen), self.nested)

    def parts_fen(self) -> tuple[int, ...] | None:
        """By plain leg; None: refused."""
        try:
            return allocate(self.amount_fen, self.plain_legs())
        except BadInput:
            return None


def case(number: int) -> TierCase:
    dice = random.Random(f"tiers {number}")
    amount, legs = plain_case(number)
    bps_left = WHOLE_BPS - sum(leg.value for leg in legs if leg.kind is LegKind.SHARE)
    lines: list[Leg] = []
    volumes: list[int] = []
    nested: list[list[Leg]] = []
    for leg in legs:
        line = Line(leg)
        if leg.kind is LegKind.SHARE and len(volumes) < 4 and dice.random() < 0.5:
            most = leg.value + max(bps_left, 0)
            line = replace(line, steps=_steps(dice, line, amount, most))
            bps_left -= max(step.value for step in line.steps) - leg.value
            reached = [step.floor_fen for step in line.steps]
            volumes.append(dice.choice([0, MOST_VOLUME_FEN, *reached, *(volume - 1 for volume in reached)]))
        if len(legs) + MOST_NESTED_LEGS * (len(nested) + 1) <= 16 and dice.random() < 0.4:
            line = replace(line, nested_rule=len(nested) + 1)
            nested.append(_inner(dice, number))
        lines += line.legs
    if dice.random() < 0.03 and len(lines) > 1:
        place = dice.randrange(len(lines))
        changes = [{"payee": lines[place].payee + 1}, {"value": 0}, {"floor_fen": 0}, {"cap_fen": MOST_FEN + 1}]
        lines[place] = replace(lines[place], **dice.choice(changes))
    return TierCase(amount, lines, volumes, nested)


def _steps(dice: random.Random, line: Line, amount: int, most_bps: int) -> tuple[Leg, ...]:
    volumes = sorted(dice.sample(range(1, 10 ** dice.randint(2, 15)), dice.randint(1, 3)))
    edge = amount * line.leg.value // WHOLE_BPS
    caps = [dice.choice([0, 0, edge, edge + 1]) for _ in volumes]
    return tuple(
        line.step(volume, dice.randint(1, max(most_bps, 1)), 0 if cap < line.leg.floor_fen else min(cap, MOST_FEN))
        for volume, cap in zip(volumes, caps, strict=True)
    )


def _inner(dice: random.Random, number: int) -> list[Leg]:
    """The legs of a rule that can be nested, from another case; now and then a broken one."""
    while True:
        _, legs = plain_case(number + dice.randint(1, 10**6))
        if len(legs) <= MOST_NESTED_LEGS:
            return legs
