"""Proposing a commission rule, or a new version of one: as the merchant whose orders it will split, or as any member whose own
leg in other rules it will divide."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.chain.roles import ANY
from ledger.errors import BadInput, NotAllowed
from ledger.settle.acting import Acting, member_numbered, require_role
from ledger.settle.batches import content_key
from ledger.settle.rule_rows import legs_of, merchant_of, nestable_version, version_in_force
from ledger.settle.split import Leg, LegKind
from ledger.settle.tiers import MOST_NESTED_LEGS, check_lines


def propose_rule(
    connection: Connection, deployment: Deployment, acting: Acting, legs: Sequence[Leg], *, now: int, rule: int = 0
) -> QueuedOutcome:
    """Queues the proposal in the caller's write transaction; `rule` 0 opens a new rule. The same proposal again, on top
    of the same version in force, is the same act.

    NotAllowed when the member has no role in trade, or the rule another's; BadInput for legs that are no rule (shares that
    exceed the whole, two residuals, ...), payees who are no active members, rules nested that are not the payee's own or cannot be, or legs that are in force already.
    """
    require_role(acting, ANY, "propose rules")
    check_lines(legs)
    for position, leg in enumerate(legs, start=1):
        payee = member_numbered(connection, leg.payee, where=f"leg {position}")
        if not payee.active:
            raise BadInput(
                f"{payee.name} is suspended and cannot be paid.", where=f"leg {position}", hint="Pay another member."
            )
        if leg.kind is LegKind.NESTED:
            _check_nested(connection, leg, f"leg {position}")
    base, base_legs = 0, tuple[Leg, ...]()
    if rule:
        if merchant_of(connection, rule) != acting.member.member:
            raise NotAllowed(f"Rule {rule} is another member's.", hint="Propose versions of your own rules.")
        standing = version_in_force(connection, rule)
        if standing is not None:
            base, base_legs = standing.version, legs_of(connection, rule, standing.version)
    if tuple(legs) == base_legs:
        raise BadInput(f"These are the legs of rule {rule} that are in force already.", hint="Change a leg.")
    args = (rule, [leg.on_chain for leg in legs], [leg.on_chain for leg in base_legs])
    key = content_key("propose", acting.member.member, base, *args)
    return queue(connection, deployment, Intent(key, acting.account, "Rules", "propose", args, acting.authority), now)


def _check_nested(connection: Connection, leg: Leg, where: str) -> None:
    if merchant_of(connection, leg.value, where=where) != leg.payee:
        raise BadInput(f"Rule {leg.value} is not the payee's own.", where=where, hint="Nest a rule of the payee's.")
    if nestable_version(connection, leg.value) is None:
        raise BadInput(
            f"Rule {leg.value} has no version in force that can be nested.",
            where=where,
            hint=f"Such a version has at most {MOST_NESTED_LEGS} legs, and neither steps nor nested rules.",
        )
