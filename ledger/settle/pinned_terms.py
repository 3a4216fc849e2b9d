"""How an order's rule came to plain legs: the tier of each share with steps and the volume that decided it, and the version
of each nested rule, from the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select, tuple_

from ledger.settle.months import month_at, month_bounds, month_name
from ledger.settle.rule_rows import legs_of, nestable_version
from ledger.settle.split import Leg, LegKind
from ledger.settle.tiers import Line, is_resolved, lines_of, nested_rules, resolve, tiers_of, version_pinned
from ledger.store.schema import order, rule_leg, rule_variant


@dataclass(frozen=True)
class ChosenTier:
    """`tier` 0 is the share itself. `volume_fen`: the payee's in `month` (as 2026-11), the last closed before the payment."""

    line: Line
    tier: int
    month: str
    volume_fen: int

    @property
    def sentence(self) -> str:
        """As: step 2 of 3, from a volume of 1,000,000 fen; the volume in 2026-11 was 1,200,000 fen."""
        steps = self.line.steps
        if self.tier:
            held = f"step {self.tier} of {len(steps)}, from a volume of {steps[self.tier - 1].floor_fen:,} fen"
        else:
            held = f"the share itself, below a volume of {steps[0].floor_fen:,} fen"
        return f"{held}; the volume in {self.month} was {self.volume_fen:,} fen"


@dataclass(frozen=True)
class NestedVersion:
    """`payee`: whose leg the rule divides."""

    payee: int
    rule: int
    version: int


@dataclass(frozen=True)
class PinnedTerms:
    """`legs` are plain: what splits the order. The rest is empty for a rule without steps and nested rules."""

    legs: tuple[Leg, ...]
    tiers: tuple[ChosenTier, ...] = ()
    nested: tuple[NestedVersion, ...] = ()


def pinned_terms(connection: Connection, rule: int, pinned: int, paid_at: int) -> PinnedTerms:
    """Of an order paid then (Unix seconds) that pins this: version + 65,536 × variant."""
    legs = legs_of(connection, rule, pinned)
    query = select(rule_variant).where(rule_variant.c.rule == rule, rule_variant.c.pinned == pinned)
    variant = connection.execute(query).one_or_none()
    if variant is None:
        return PinnedTerms(legs)
    lines = legs_of(connection, rule, version_pinned(pinned))
    return _told(connection, lines, legs, json.loads(variant.tiers), json.loads(variant.nested_versions), paid_at)


def terms_at(connection: Connection, rule: int, version: int, at: int) -> PinnedTerms:
    """What a payment at this time (Unix seconds) would pin of this version."""
    lines = legs_of(connection, rule, version)
    if not is_resolved(lines):
        return PinnedTerms(lines)
    month = month_at(at) - 1
    volumes = [volume_fen(connection, line.leg.payee, month) for line in lines_of(lines) if line.steps]
    tiers = tiers_of(lines, volumes)
    versions = [nestable_version(connection, nested) or 0 for nested in nested_rules(lines)]
    inner = [legs_of(connection, *one) for one in zip(nested_rules(lines), versions, strict=True)]
    return _told(connection, lines, resolve(lines, tiers, inner), tiers, versions, at)


def volume_fen(connection: Connection, member: int, month: int) -> int:
    """What was paid in this month (`ledger.settle.months`) under versions where the member has a share with steps. Refunds
    do not change it."""
    stepped = select(rule_leg.c.rule, rule_leg.c.version).where(
        rule_leg.c.kind == LegKind.STEP.value, rule_leg.c.payee == member
    )
    counted = select(rule_variant.c.rule, rule_variant.c.pinned).where(
        tuple_(rule_variant.c.rule, rule_variant.c.version).in_(stepped)
    )
    first, next_first = month_bounds(month)
    query = select(func.coalesce(func.sum(order.c.amount_fen), 0)).where(
        and_(order.c.paid_at >= first, order.c.paid_at < next_first), tuple_(order.c.rule, order.c.version).in_(counted)
    )
    return int(connection.scalar(query) or 0)


def _told(
    connection: Connection,
    lines: Sequence[Leg],
    legs: tuple[Leg, ...],
    tiers: Sequence[int],
    versions: Sequence[int],
    at: int,
) -> PinnedTerms:
    month = month_at(at) - 1
    whole = lines_of(lines)
    tiered = [line for line in whole if line.steps]
    divided = [line for line in whole if line.nested_rule]
    return PinnedTerms(
        legs,
        tuple(
            ChosenTier(line, tier, month_name(month), volume_fen(connection, line.leg.payee, month))
            for line, tier in zip(tiered, tiers, strict=True)
        ),
        tuple(
            NestedVersion(line.leg.payee, line.nested_rule, version)
            for line, version in zip(divided, versions, strict=True)
        ),
    )
