"""Commission rules as the rows have them: versions, which one is in force, and their legs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.errors import BadInput, BrokenEvidence, NotFound
from ledger.settle.split import Leg, LegKind
from ledger.settle.tiers import can_be_nested
from ledger.store.schema import rule_leg, rule_version


def version_in_force(connection: Connection, rule: int) -> Row[Any] | None:
    """The row of the version under which orders are paid now; None while none has all its signatures.

    A version can only be adopted on top of the one in force, so the highest adopted one is it.
    """
    query = select(rule_version).where(rule_version.c.rule == rule, rule_version.c.adopted_block.is_not(None))
    return connection.execute(query.order_by(rule_version.c.version.desc()).limit(1)).one_or_none()


def nestable_version(connection: Connection, rule: int) -> int | None:
    """The last version adopted that can be nested, which divides legs of other rules; None when there is none."""
    query = select(rule_version.c.version).where(rule_version.c.rule == rule, rule_version.c.adopted_block.is_not(None))
    for version in connection.scalars(query.order_by(rule_version.c.version.desc())).all():
        if can_be_nested(legs_of(connection, rule, version)):
            return int(version)
    return None


def version_of(connection: Connection, rule: int, version: int) -> Row[Any]:
    """The row of a version; NotFound when there is none."""
    query = select(rule_version).where(rule_version.c.rule == rule, rule_version.c.version == version)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {version} of rule {rule}.", hint="See `suyuan rule list`.")
    return row


def merchant_of(connection: Connection, rule: int, *, where: str | None = None) -> int:
    """Whose rule it is; BadInput when there is none."""
    query = select(rule_version.c.merchant).where(rule_version.c.rule == rule).limit(1)
    merchant = connection.execute(query).scalar_one_or_none()
    if merchant is None:
        raise BadInput(f"There is no rule {rule}.", where=where, hint="See `suyuan rule list`.", rule=rule)
    return int(merchant)


def legs_of(connection: Connection, rule: int, version: int) -> tuple[Leg, ...]:
    """The legs in their order; BrokenEvidence when the rows have none."""
    query = select(rule_leg).where(rule_leg.c.rule == rule, rule_leg.c.version == version).order_by(rule_leg.c.leg)
    legs = tuple(
        Leg(row.payee, LegKind(row.kind), row.value, row.cap_fen, row.floor_fen, row.nested)
        for row in connection.execute(query)
    )
    if not legs:
        raise BrokenEvidence(
            f"The rows have no legs of rule {rule}, version {version}.", hint="Run `suyuan index rebuild`."
        )
    return legs
