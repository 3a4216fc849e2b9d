"""Proposing a commission rule, or a new version of one, as the merchant whose orders it will split."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.chain.roles import Role
from ledger.errors import BadInput, NotAllowed
from ledger.settle.acting import Acting, member_numbered, require_role
from ledger.settle.batches import content_key
from ledger.settle.rule_rows import legs_of, merchant_of, version_in_force
from ledger.settle.split import Leg, check_legs


def propose_rule(
    connection: Connection, deployment: Deployment, acting: Acting, legs: Sequence[Leg], *, now: int, rule: int = 0
) -> QueuedOutcome:
    """Queues the proposal in the caller's write transaction; `rule` 0 opens a new rule. The same proposal again, on top
    of the same version in force, is the same act.

    NotAllowed when the member is no merchant, or the rule another's; BadInput for legs that are no rule (shares that
    exceed the whole, two residuals, ...), payees who are no active members, or legs that are in force already.
    """
    require_role(acting, Role.MERCHANT, "propose rules")
    check_legs(legs)
    for position, leg in enumerate(legs, start=1):
        payee = member_numbered(connection, leg.payee, where=f"leg {position}")
        if not payee.active:
            raise BadInput(
                f"{payee.name} is suspended and cannot be paid.", where=f"leg {position}", hint="Pay another member."
            )
    base, base_legs = 0, tuple[Leg, ...]()
    if rule:
        if merchant_of(connection, rule) != acting.member.member:
            raise NotAllowed(f"Rule {rule} is another merchant's.", hint="Propose versions of your own rules.")
        standing = version_in_force(connection, rule)
        if standing is not None:
            base, base_legs = standing.version, legs_of(connection, rule, standing.version)
    if tuple(legs) == base_legs:
        raise BadInput(f"These are the legs of rule {rule} that are in force already.", hint="Change a leg.")
    args = (rule, [leg.on_chain for leg in legs], [leg.on_chain for leg in base_legs])
    key = content_key("propose", acting.member.member, base, *args)
    return queue(connection, deployment, Intent(key, acting.account, "Rules", "propose", args, acting.authority), now)
