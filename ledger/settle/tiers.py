"""Rules with steps and nested rules, and the plain legs that they come to when an order is paid.

`contracts/src/libraries/Lines.sol` is the same in Solidity. A rule's lines are its legs and the terms that stand on them. A
share with *steps* has tiers: tier 0 is the share itself, tier n its nth step, which holds from a volume of its payee on.
A *nested* rule, the payee's own, divides what the leg before it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.errors import BadInput
from ledger.settle.split import MOST_FEN, MOST_LEGS, WHOLE_BPS, Leg, LegKind, check_legs

MOST_LINES = 32
MOST_TIERED = 4
MOST_STEPS = 3
MOST_NESTED_LEGS = 5
MOST_VOLUME_FEN = 2**63 - 1
VARIANT_AT = 16
"""What an order pins is version + 65,536 × variant."""


@dataclass(frozen=True, slots=True)
class Line:
    """A leg with its steps, in ascending order of volume, and the nested rule that divides it, 0 for none."""

    leg: Leg
    steps: tuple[Leg, ...] = ()
    nested_rule: int = 0

    @property
    def legs(self) -> tuple[Leg, ...]:
        """As the contracts take them, and the rows have them."""
        nested = (Leg(self.leg.payee, LegKind.NESTED, self.nested_rule),) if self.nested_rule else ()
        return (self.leg, *self.steps, *nested)

    def step(self, from_volume_fen: int, value: int, cap_fen: int = 0) -> Leg:
        """A step of this leg, not yet among its own."""
        return Leg(self.leg.payee, LegKind.STEP, value, cap_fen, from_volume_fen)


def version_pinned(pinned: int) -> int:
    """The rule's version in what an order pins."""
    return pinned & (1 << VARIANT_AT) - 1


def is_resolved(legs: Sequence[Leg]) -> bool:
    """Whether payments resolve these lines: any is a step or a nested rule."""
    return any(leg.kind in (LegKind.STEP, LegKind.NESTED) for leg in legs)


def can_be_nested(legs: Sequence[Leg]) -> bool:
    """Whether a version of these lines divides legs of other rules."""
    return not is_resolved(legs) and len(legs) <= MOST_NESTED_LEGS


def lines_of(legs: Sequence[Leg]) -> tuple[Line, ...]:
    """Each leg with its terms. BadInput, naming the line, for a term that does not belong to the line before it."""
    lines: list[Line] = []
    for position, leg in enumerate(legs, start=1):
        where = f"leg {position}"
        if leg.kind not in (LegKind.STEP, LegKind.NESTED):
            lines.append(Line(leg))
            continue
        before = lines[-1] if lines else None
        if before is None or before.leg.payee != leg.payee or before.nested_rule:
            raise BadInput(f"A {leg.kind} follows a leg of the same payee.", where=where, hint="Put it after its leg.")
        if leg.kind is LegKind.STEP:
            _check_step(leg, before, where)
            lines[-1] = replace(before, steps=(*before.steps, leg))
        else:
            if leg.value < 1 or leg.cap_fen or leg.floor_fen:
                raise BadInput("A nested rule is named by its number, and has neither cap nor floor.", where=where)
            lines[-1] = replace(before, nested_rule=leg.value)
    return tuple(lines)


def told_line(line: Line, names: Mapping[int, str]) -> dict[str, Any]:
    """As JSON, with the payee's name: the form that a proposal takes; `steps` and `nested_rule` only where there are any."""
    leg = line.leg
    told: dict[str, Any] = {
        "payee": names[leg.payee],
        "kind": leg.kind.value,
        "value": leg.value,
        "cap_fen": leg.cap_fen,
        "floor_fen": leg.floor_fen,
    }
    if line.steps:
        told["steps"] = [
            {"from_volume_fen": step.floor_fen, "value": step.value, "cap_fen": step.cap_fen} for step in line.steps
        ]
    if line.nested_rule:
        told["nested_rule"] = line.nested_rule
    return told


def _check_step(step: Leg, before: Line, where: str) -> None:
    if before.leg.kind is not LegKind.SHARE:
        raise BadInput("Only a share has steps.", where=where, hint="Make the leg a share.")
    if step.value < 1:
        raise BadInput(f"A step's value is at least 1 basis point; this is {step.value}.", where=where)
    if not 0 <= step.cap_fen <= MOST_FEN or (step.cap_fen and step.cap_fen < before.leg.floor_fen):
        raise BadInput("A step's cap is 0 (none), or the floor of its share to the largest order.", where=where)
    least = before.steps[-1].floor_fen if before.steps else 0
    if not least < step.floor_fen <= MOST_VOLUME_FEN:
        raise BadInput(
            f"The volumes of steps ascend from above 0; this is {step.floor_fen:,} after {least:,} fen.", where=where
        )
    if len(before.steps) == MOST_STEPS:
        raise BadInput(f"A share has at most {MOST_STEPS} steps.", where=where, hint="Take one out.")


def check_lines(legs: Sequence[Leg]) -> None:
    """Raise BadInput, naming the line, unless the contract would take them; whose rules are nested, the rows tell."""
    if len(legs) > MOST_LINES:
        raise BadInput(f"A rule has 1 to {MOST_LEGS} legs and their terms, not {len(legs)} lines.", legs=len(legs))
    lines = lines_of(legs)
    check_legs([line.leg for line in lines])
    tiered = [line for line in lines if line.steps]
    if len(tiered) > MOST_TIERED:
        raise BadInput(f"At most {MOST_TIERED} shares of a rule have steps, not {len(tiered)}.", hint="Take some out.")
    places = len(lines) + MOST_NESTED_LEGS * sum(line.nested_rule != 0 for line in lines)
    if places > MOST_LEGS:
        raise BadInput(
            f"A rule has 1 to {MOST_LEGS} legs, a nested rule counted as {MOST_NESTED_LEGS}; this one {places}.",
            hint="Take some out.",
        )
    shares = [line for line in lines if line.leg.kind is LegKind.SHARE]
    bps = sum(max(tier.value for tier in (line.leg, *line.steps)) for line in shares)
    if bps > WHOLE_BPS:
        raise BadInput(
            f"The shares in their greatest tiers add up to {bps:,} basis points, more than the whole of {WHOLE_BPS:,}.",
            hint="Lower the shares or their steps.",
            bps=bps,
        )


def tiered_payees(legs: Sequence[Leg]) -> tuple[int, ...]:
    """Of the shares with steps, in their order."""
    return tuple(line.leg.payee for line in lines_of(legs) if line.steps)


def nested_rules(legs: Sequence[Leg]) -> tuple[int, ...]:
    """In the order of the legs that they divide."""
    return tuple(leg.value for leg in legs if leg.kind is LegKind.NESTED)


def tiers_of(legs: Sequence[Leg], volumes_fen: Sequence[int]) -> tuple[int, ...]:
    """The tier of each share with steps, given its payee's volume in the last closed month."""
    tiered = [line for line in lines_of(legs) if line.steps]
    return tuple(
        sum(volume >= step.floor_fen for step in line.steps) for line, volume in zip(tiered, volumes_fen, strict=True)
    )


def resolve(legs: Sequence[Leg], tiers: Sequence[int], nested: Sequence[Sequence[Leg]]) -> tuple[Leg, ...]:
    """The plain legs: each share in its tier, and after a leg that a nested rule divides the legs of that rule."""
    tier, inner = iter(tiers), iter(nested)
    plain: list[Leg] = []
    for line in lines_of(legs):
        terms = (line.leg, *line.steps)[next(tier)] if line.steps else line.leg
        plain.append(replace(line.leg, value=terms.value, cap_fen=terms.cap_fen))
        if line.nested_rule:
            plain += (replace(leg, nested=True) for leg in next(inner))
    return tuple(plain)
