"""Random orders and rules by number: the same number gives the same case, in any process.

Most are rules that the contract takes, with the awkward ones well represented: 0 and 1 fen, the largest order, amounts at
the edge of the fixed legs, caps at the edge of their share, 16 legs. One in twenty is broken in one place.
"""

from __future__ import annotations

import random
from dataclasses import replace

from ledger.settle.split import MOST_FEN, MOST_LEGS, WHOLE_BPS, Leg, LegKind, minimum_fen

Case = tuple[int, list[Leg]]


def case(number: int) -> Case:
    """An amount in fen and the legs that shall split it."""
    dice = random.Random(f"split {number}")
    amount = _magnitude(dice)
    legs = _legs(dice, amount)
    if dice.random() < 0.3:
        least = minimum_fen(legs)
        amount = dice.choice([0, 1, 2, 3, MOST_FEN, MOST_FEN - 1, least, least + 1, max(least - 1, 0)])
    if dice.random() < 0.05:
        return _broken(dice, amount, legs)
    return min(amount, MOST_FEN), legs


def _magnitude(dice: random.Random) -> int:
    """1 to 9e14 fen, every power of ten as likely."""
    return min(dice.randint(1, 10 ** dice.randint(1, 15)), MOST_FEN)


def _legs(dice: random.Random, amount: int) -> list[Leg]:
    count = dice.choices([1, 2, 3, 4, 5, 6, 8, 12, MOST_LEGS], weights=[4, 18, 30, 22, 14, 7, 3, 1, 1])[0]
    legs: list[Leg] = []
    bps_left = WHOLE_BPS
    for _ in range(count - 1):
        payee = dice.randint(1, 9)
        if dice.random() < 0.65 and bps_left:
            bps = dice.choice([1, bps_left, dice.randint(1, bps_left)])
            bps_left -= bps
            edge = amount * bps // WHOLE_BPS
            cap = dice.choice([0, 0, 0, 1, edge, edge + 1, max(edge - 1, 0), _magnitude(dice)])
            cap = min(cap, MOST_FEN)
            least = min(cap or amount, amount) // MOST_LEGS
            floor = dice.choice([0, 0, 0, 1, least, max(least - 1, 0), dice.randint(0, least)])
            legs.append(Leg(payee, LegKind.SHARE, bps, cap, min(floor, cap or floor)))
        else:
            most = max(amount, 1) if dice.random() < 0.3 else max(amount // 10, 1)
            legs.append(Leg(payee, LegKind.FIXED, dice.randint(1, max(most // MOST_LEGS, 1))))
    legs.insert(dice.randrange(count), Leg(dice.randint(1, 9), LegKind.RESIDUAL))
    return legs


def _broken(dice: random.Random, amount: int, legs: list[Leg]) -> Case:
    place = dice.randrange(len(legs))
    leg = legs[place]
    fault = dice.randrange(9)
    if fault == 0:
        return MOST_FEN + 1, legs
    if fault == 1:
        return amount, []
    if fault == 2:
        return amount, [*legs, Leg(1, LegKind.RESIDUAL)]
    if fault == 3:
        return amount, [leg for leg in legs if leg.kind is not LegKind.RESIDUAL]
    if fault == 4:
        return amount, [*legs, Leg(1, LegKind.SHARE, WHOLE_BPS), Leg(2, LegKind.SHARE, 1)]
    if fault == 5:
        return amount, [*legs, *(Leg(1, LegKind.FIXED, 1) for _ in range(MOST_LEGS))]
    if fault == 6:
        return amount, [*legs, Leg(1, LegKind.FIXED, MOST_FEN + 1)]
    if fault == 7:
        return amount, [*legs[:place], replace(leg, payee=0), *legs[place + 1 :]]
    if leg.kind is LegKind.SHARE:
        changed = replace(leg, value=0) if dice.random() < 0.5 else replace(leg, cap_fen=5, floor_fen=6)
    else:
        changed = replace(leg, cap_fen=5) if dice.random() < 0.5 else replace(leg, floor_fen=5)
    return amount, [*legs[:place], changed, *legs[place + 1 :]]
