"""How an amount is split among the legs of a rule: pure arithmetic in whole fen.

`contracts/src/libraries/Split.sol` is the same in Solidity; a test splits 20,000 random orders with both.

A rule is an ordered list of legs. A fixed leg takes its value; a share takes its basis points of the whole amount,
rounded down, at most its cap and at least its floor; the one residual, wherever it stands, takes what is left at the end. A leg takes at
most what the legs before it left, so a rule answers for every amount from 0 and places every fen.

A nested rule's legs follow the leg that they divide: they split what that leg took, as an amount of its own, and the leg
itself keeps nothing. `ledger.settle.tiers` makes these plain legs out of a rule that has steps or nested rules.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from ledger.errors import BadInput

MOST_FEN = 9 * 10**14  # of one order: sums of orders stay below 2^63, where SQLite's integers end
MOST_LEGS = 16
MOST_PAYEE = 2**32 - 1  # the contract's uint32
WHOLE_BPS = 10_000


class LegKind(StrEnum):
    """In the order of the contract's enum: `list(LegKind).index(kind)` is its number there."""

    FIXED = "fixed"
    SHARE = "share"
    RESIDUAL = "residual"
    STEP = "step"  # a term of the share before it (ledger.settle.tiers), no leg
    NESTED = "nested"  # a term of the leg before it, no leg


LEG_KINDS = {kind.value: kind for kind in (LegKind.FIXED, LegKind.SHARE, LegKind.RESIDUAL)}
"""Those of a leg, by their names."""


@dataclass(frozen=True, slots=True)
class Leg:
    """`value` is fen for a fixed leg, basis points for a share, 0 for the residual; `cap_fen` and `floor_fen` 0 mean
    none. A step's `value` and `cap_fen` are as a share's, its `floor_fen` is the volume from which it holds; a nested
    rule's `value` is its number. `nested`: it is a nested rule's, and divides the last leg before it that is not."""

    payee: int
    kind: LegKind
    value: int = 0
    cap_fen: int = 0
    floor_fen: int = 0
    nested: bool = False

    @property
    def on_chain(self) -> tuple[int, int, int, int, int]:
        """The leg as the contracts take it: payee, kind, value, cap, floor."""
        return self.payee, tuple(LegKind).index(self.kind), self.value, self.cap_fen, self.floor_fen


def pack_legs(legs: Sequence[Leg]) -> bytes:
    """The legs as their hash covers them and as a settlement repeats them: 29 bytes each, as IRules says; where some are
    nested, 2 bytes more that say which (contracts/src/libraries/Split.sol)."""
    packed = b"".join(_PACKED.pack(*leg.on_chain) for leg in legs)
    marks = sum(1 << place for place, leg in enumerate(legs) if leg.nested)
    return packed + marks.to_bytes(2, "big") if marks else packed


def unpack_legs(packed: bytes) -> tuple[Leg, ...]:
    """The legs that were packed like this. ValueError for bytes that are no legs."""
    count, beyond = divmod(len(packed), _PACKED.size)
    if beyond not in (0, 2):
        raise ValueError(f"{len(packed)} bytes are no packed legs")
    marks = int.from_bytes(packed[len(packed) - beyond :], "big")
    return tuple(
        Leg(payee, tuple(LegKind)[kind], value, cap, floor, nested=bool(marks >> place & 1))
        for place, (payee, kind, value, cap, floor) in enumerate(_PACKED.iter_unpack(packed[: count * _PACKED.size]))
    )


_PACKED = struct.Struct(">IBQQQ")


@dataclass(frozen=True, slots=True)
class LegExplanation:
    """One line of an explained split: what was reckoned, what the leg got, and what was left for the legs after it.

    The lines stand in the order in which they take: the residual last.
    """

    leg: Leg
    index: int  # 0-based place of the leg in the rule
    operation: str
    amount_fen: int
    left_fen: int


def check_legs(legs: Sequence[Leg]) -> None:
    """Raise `BadInput`, naming the leg, unless the legs make a rule that the contract would take; of each nested rule,
    too, when some are nested."""
    groups = _nested_groups(legs)
    for _, group in groups:
        check_legs([replace(leg, nested=False) for leg in group])
    if groups:
        legs = [leg for leg in legs if not leg.nested]
    if not 1 <= len(legs) <= MOST_LEGS:
        raise BadInput(
            f"A rule has 1 to {MOST_LEGS} legs, not {len(legs)}.",
            hint="Join legs of the same payee or split the rule.",
            legs=len(legs),
        )
    for index, leg in enumerate(legs):
        _check_leg(leg, f"leg {index + 1}")

    residuals = sum(leg.kind is LegKind.RESIDUAL for leg in legs)
    if residuals != 1:
        raise BadInput(
            f"A rule has exactly one residual leg, not {residuals}.",
            hint="Name the one payee who takes whatever the other legs leave.",
            residuals=residuals,
        )
    bps = sum(leg.value for leg in legs if leg.kind is LegKind.SHARE)
    if bps > WHOLE_BPS:
        raise BadInput(
            f"The shares add up to {bps:,} basis points, more than the whole of {WHOLE_BPS:,}.",
            hint="Lower the shares until they add up to 10,000 or less.",
            bps=bps,
        )
    if minimum_fen(legs) > MOST_FEN:
        raise BadInput(
            f"The fixed legs and floors add up to {minimum_fen(legs):,} fen, more than any order may be ({MOST_FEN:,} fen).",
            hint="Lower them.",
            fen=minimum_fen(legs),
        )


def _check_leg(leg: Leg, where: str) -> None:
    if not 1 <= leg.payee <= MOST_PAYEE:
        raise BadInput(f"A leg pays a member by its number, from 1; this is {leg.payee}.", where=where)
    if leg.kind in (LegKind.STEP, LegKind.NESTED):
        raise BadInput(f"A {leg.kind} is a term of the leg before it, and no leg.", where=where)
    if leg.kind is LegKind.RESIDUAL:
        if leg.value != 0 or leg.cap_fen != 0 or leg.floor_fen != 0:
            raise BadInput("A residual leg has neither value nor cap nor floor.", where=where, hint="Leave all 0.")
        return
    if leg.value < 1:
        raise BadInput(
            f"A {leg.kind} leg's value is at least 1; this is {leg.value}.", where=where, hint="Leave the leg out."
        )
    if leg.kind is LegKind.FIXED and (leg.cap_fen != 0 or leg.floor_fen != 0):
        raise BadInput("Only a share has a cap or a floor.", where=where, hint="Leave them 0.")
    if not 0 <= leg.cap_fen <= MOST_FEN:
        raise BadInput(f"A cap is 0 (none) to {MOST_FEN:,} fen; this is {leg.cap_fen:,}.", where=where)
    if leg.floor_fen < 0 or (leg.cap_fen and leg.floor_fen > leg.cap_fen):
        raise BadInput(f"A floor is 0 (none) to the cap; this is {leg.floor_fen:,}.", where=where)


def minimum_fen(legs: Sequence[Leg]) -> int:
    """The smallest order that these legs serve in full: the sum of the fixed ones and of the floors, in fen. A nested
    rule's own numbers do not count."""
    numbers = {LegKind.FIXED: lambda leg: leg.value, LegKind.SHARE: lambda leg: leg.floor_fen}
    return sum(numbers[leg.kind](leg) for leg in legs if leg.kind in numbers and not leg.nested)


def allocate(amount_fen: int, legs: Sequence[Leg]) -> tuple[int, ...]:
    """The fen of each leg, in leg order; they sum to `amount_fen`. `BadInput` for an amount or legs out of bounds."""
    return allocate_each([amount_fen], legs)[0]


def allocate_each(amounts_fen: Sequence[int], legs: Sequence[Leg]) -> list[tuple[int, ...]]:
    """`allocate` of each amount: the legs are checked once, and equal amounts split once."""
    for amount_fen in amounts_fen:
        _check_amount(amount_fen)
    check_legs(legs)
    groups = _nested_groups(legs)
    split = partial(_nested_parts, legs=legs, groups=groups) if groups else partial(_parts, legs=legs)
    parts = {amount_fen: split(amount_fen) for amount_fen in set(amounts_fen)}
    return [parts[amount_fen] for amount_fen in amounts_fen]


def _nested_groups(legs: Sequence[Leg]) -> list[tuple[int, list[Leg]]]:
    """Of each nested rule the place of the leg that it divides, and its legs. BadInput when they divide none."""
    groups: list[tuple[int, list[Leg]]] = []
    for place, leg in enumerate(legs):
        if not leg.nested:
            continue
        if place == 0:
            raise BadInput("A nested rule's legs divide the leg before them; here is none.", where="leg 1")
        if legs[place - 1].nested:
            groups[-1][1].append(leg)
        else:
            groups.append((place - 1, [leg]))
    return groups


def _nested_parts(amount_fen: int, legs: Sequence[Leg], groups: Sequence[tuple[int, Sequence[Leg]]]) -> tuple[int, ...]:
    own = [place for place, leg in enumerate(legs) if not leg.nested]
    parts = dict(zip(own, _parts(amount_fen, [legs[place] for place in own]), strict=True))
    for divided, group in groups:
        inner = _parts(parts[divided], group)
        parts |= {divided: 0, **{divided + 1 + place: part for place, part in enumerate(inner)}}
    return tuple(parts[place] for place in range(len(legs)))


def _parts(amount_fen: int, legs: Sequence[Leg]) -> tuple[int, ...]:
    residual = _residual_index(legs)
    amounts = [0] * len(legs)
    left = amount_fen
    for index, leg in enumerate(legs):
        if index != residual:
            amounts[index] = min(_wanted_fen(amount_fen, leg), left)
            left -= amounts[index]
    amounts[residual] = left
    return tuple(amounts)


def explain(amount_fen: int, legs: Sequence[Leg]) -> list[LegExplanation]:
    """The same split line by line, in the order of taking, each with its arithmetic in words and signs. A leg that a nested
    rule divides says what it took and keeps nothing; the lines of the rule that divides it follow."""
    allocate(amount_fen, legs)  # refuses what is no amount and no rule
    groups = dict(_nested_groups(legs))
    lines: list[LegExplanation] = []
    for line in _explained(amount_fen, [(place, leg) for place, leg in enumerate(legs) if not leg.nested]):
        if line.index not in groups:
            lines.append(line)
            continue
        lines.append(
            replace(line, operation=f"{line.operation}: {line.amount_fen:,}, divided by a nested rule", amount_fen=0)
        )
        inner = enumerate(groups[line.index], start=line.index + 1)
        lines += _explained(line.amount_fen, list(inner))
    return lines


def _explained(amount_fen: int, placed: Sequence[tuple[int, Leg]]) -> list[LegExplanation]:
    """Legs with their places in the whole rule, which split this amount."""
    legs = [leg for _, leg in placed]
    amounts = _parts(amount_fen, legs)
    residual = _residual_index(legs)
    lines: list[LegExplanation] = []
    left = amount_fen
    for at in [*(place for place in range(len(legs)) if place != residual), residual]:
        leg, part = legs[at], amounts[at]
        operation = _operation(amount_fen, leg, left)
        left -= part
        lines.append(LegExplanation(leg, placed[at][0], operation, part, left))
    return lines


def _wanted_fen(amount_fen: int, leg: Leg) -> int:
    """What a fixed leg or a share would take if enough were left."""
    if leg.kind is LegKind.FIXED:
        return leg.value
    part = amount_fen * leg.value // WHOLE_BPS
    return max(min(part, leg.cap_fen) if leg.cap_fen else part, leg.floor_fen)


def _operation(amount_fen: int, leg: Leg, left_fen: int) -> str:
    if leg.kind is LegKind.RESIDUAL:
        return f"what the other legs leave: {left_fen:,}"
    if leg.kind is LegKind.FIXED:
        text = f"fixed {leg.value:,} fen"
    else:
        part, remainder = divmod(amount_fen * leg.value, WHOLE_BPS)
        rounded = " (rounded down)" if remainder else ""
        text = f"{amount_fen:,} fen × {leg.value:,} bp ÷ {WHOLE_BPS:,} = {part:,}{rounded}"
        if leg.cap_fen and part > leg.cap_fen:
            text += f", capped at {leg.cap_fen:,}"
        elif part < leg.floor_fen:
            text += f", but at least {leg.floor_fen:,}"
    if _wanted_fen(amount_fen, leg) > left_fen:
        text += f", but only {left_fen:,} was left"
    return text


def _residual_index(legs: Sequence[Leg]) -> int:
    return next(index for index, leg in enumerate(legs) if leg.kind is LegKind.RESIDUAL)


def _check_amount(amount_fen: int) -> None:
    if not 0 <= amount_fen <= MOST_FEN:
        raise BadInput(
            f"An amount is 0 to {MOST_FEN:,} fen; this is {amount_fen:,}.",
            hint="Write it in whole fen (1 yuan = 100 fen).",
            amount_fen=amount_fen,
        )
