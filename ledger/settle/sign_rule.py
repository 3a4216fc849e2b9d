"""Bringing a member's signature under a rule version. Whoever sends it, the contract checks whose signature it is."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.chain.session import Authority
from ledger.chain.typed_data import TypedData, rule_version_message, signer_of
from ledger.errors import Conflict, NotAllowed, NotAuthenticated
from ledger.settle.acting import member_numbered
from ledger.settle.batches import content_key
from ledger.settle.rule_rows import version_in_force, version_of
from ledger.store.schema import rule_signature


def message_to_sign(connection: Connection, deployment: Deployment, rule: int, version: int) -> TypedData:
    """The EIP-712 message that each required member signs. NotFound when there is no such version."""
    row = version_of(connection, rule, version)
    return rule_version_message(
        deployment, merchant=row.merchant, rule=rule, version=version, base=row.base, legs_hash=row.legs_hash
    )


def sign_rule(
    connection: Connection,
    deployment: Deployment,
    *,
    rule: int,
    version: int,
    member: int,
    signature: bytes,
    account: str,
    authority: Authority | None,
    now: int,
) -> QueuedOutcome:
    """Queues a member's signature (65 bytes), sent by `account`: the member's own with its session, or the relay's.

    NotFound when there is no such version, BadInput when no such member; NotAllowed when this member's signature is not asked for;
    NotAuthenticated when it is another's; Conflict when another version came into force since it was proposed.
    """
    row = version_of(connection, rule, version)
    signing = member_numbered(connection, member)
    asked = connection.execute(
        select(rule_signature).where(
            rule_signature.c.rule == rule, rule_signature.c.version == version, rule_signature.c.member == member
        )
    ).one_or_none()
    if asked is None:
        raise NotAllowed(
            f"Version {version} of rule {rule} does not need {signing.name}'s signature.", hint="Nothing is left to do."
        )
    if not signing.active:
        raise NotAllowed(f"{signing.name} is suspended and may not sign rules.", hint="Ask the consortium.")
    signer = signer_of(message_to_sign(connection, deployment, rule, version), signature)
    if signer.lower() != signing.account.lower():
        raise NotAuthenticated(
            f"This is not {signing.name}'s signature under version {version} of rule {rule}.",
            hint="Have the member itself sign it, for this version.",
            expected=signing.account,
            actual=signer,
        )
    standing = version_in_force(connection, rule)
    if row.adopted_block is None and standing is not None and standing.version != row.base:
        raise Conflict(
            f"Version {standing.version} of rule {rule} came into force since version {version} was proposed.",
            hint="Propose it again on top of that.",
        )
    key = content_key("sign", rule, version, member)
    args = (rule, version, member, signature)
    return queue(connection, deployment, Intent(key, account, "Rules", "sign", args, authority), now)
