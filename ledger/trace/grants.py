"""Grants: what a member lets this home's API do for it (EIP-712, contracts/src/interfaces/IMembers.sol), kept so that web
forms can act under them. The contract checks each use.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, and_, literal, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.chain.roles import Act
from ledger.chain.session import Authority
from ledger.chain.typed_data import Grant, grant_message, hash_grant, signer_of
from ledger.errors import BadInput, NotAuthenticated, NotFound
from ledger.store.queries.members import MemberRow, member_by_number
from ledger.store.schema import grant_revoked, granted, outbox
from ledger.trace.capture import SignedGrant

KNOWN_ACTS = Act.RECORD_STATEMENT
REVOKE_GAS = 150_000

_REVOKE = "revoke:"


def new_grant(member: int, delegate: str, until: int) -> Grant:
    """A grant to record statements, to be signed by the member. `until` in Unix seconds."""
    return Grant(member, delegate, int(KNOWN_ACTS), until, secrets.token_bytes(32))


def keep_grant(
    connection: Connection,
    deployment: Deployment,
    relay_account: str,
    member: MemberRow,
    grant: Grant,
    signature: bytes,
    now: int,
) -> tuple[str, bool]:
    """Keeps a signed grant, in the caller's write transaction; returns its hash and whether it was kept before.

    BadInput when it is another member's, for another API, ended, or of unknown kinds; NotAuthenticated when another
    account signed it.
    """
    _check(grant, member, relay_account, now)
    if signer_of(grant_message(deployment, grant), signature).lower() != member.account.lower():
        raise NotAuthenticated(
            "The grant is signed by another account than yours.", where="/signature", hint="Sign it with your own key."
        )
    grant_hash = "0x" + hash_grant(deployment, grant).hex()
    if connection.execute(select(granted.c.grant_hash).where(granted.c.grant_hash == grant_hash)).first():
        return grant_hash, True
    connection.execute(
        granted.insert().values(
            grant_hash=grant_hash,
            member=grant.member,
            delegate=grant.delegate,
            acts=grant.acts,
            until=grant.until,
            salt="0x" + grant.salt.hex(),
            signature="0x" + signature.hex(),
            handed_in_at=now,
        )
    )
    return grant_hash, False


def revoke_grant(
    connection: Connection, deployment: Deployment, member: MemberRow, grant_hash: str, authority: Authority, now: int
) -> QueuedOutcome:
    """Queues the revocation. The grant is not used from now on; from its block on the contract refuses it.

    NotFound when the member handed in no such grant.
    """
    query = select(granted).where(granted.c.grant_hash == grant_hash, granted.c.member == member.member)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("You handed in no such grant.", where=grant_hash, hint="See GET /grants.")
    args = (_grant_of(row).as_tuple(),)
    key = _REVOKE + grant_hash
    intent = Intent(key, member.account, "Members", "revokeGrant", args, authority, REVOKE_GAS)
    return queue(connection, deployment, intent, now)


def grants_of(connection: Connection, member: int) -> list[Row[Any]]:
    """The member's grants, the one that lasts longest first, with `revoked_block` (null: not revoked on the chain)
    and `revoking` (null: this home is not sending a revocation)."""
    under_way = and_(outbox.c.key == literal(_REVOKE) + granted.c.grant_hash, outbox.c.state != "reverted")
    query = (
        select(granted, grant_revoked.c.block.label("revoked_block"), outbox.c.id.label("revoking"))
        .select_from(
            granted.outerjoin(grant_revoked, granted.c.grant_hash == grant_revoked.c.grant_hash).outerjoin(
                outbox, under_way
            )
        )
        .where(granted.c.member == member)
        .order_by(granted.c.until.desc())
    )
    return list(connection.execute(query))


def usable_grant(
    connection: Connection, deployment: Deployment, member: int, relay_account: str, act: Act, now: int
) -> SignedGrant | None:
    """A grant of the member for this API and this kind of act, in time, not revoked and signed by the key that is the
    member's now, as far as the rows know; the contract decides."""
    granting = member_by_number(connection, member)
    if granting is None:
        return None
    for row in grants_of(connection, member):
        if (
            row.revoked_block is None
            and row.revoking is None
            and row.delegate == relay_account
            and row.until > now
            and act in Act(row.acts)
        ):
            grant, signature = _grant_of(row), bytes.fromhex(row.signature.removeprefix("0x"))
            if signer_of(grant_message(deployment, grant), signature) == granting.account:
                return SignedGrant(grant, signature)
    return None


def _grant_of(row: Row[Any]) -> Grant:
    return Grant(row.member, row.delegate, row.acts, row.until, bytes.fromhex(row.salt.removeprefix("0x")))


def _check(grant: Grant, member: MemberRow, relay_account: str, now: int) -> None:
    if grant.member != member.member:
        raise BadInput(
            f"The grant is of member {grant.member}, and you are member {member.member}.",
            where="/member",
            hint="Hand in your own.",
        )
    if grant.delegate.lower() != relay_account.lower():
        raise BadInput(
            "The grant is for another account than this API's.", where="/delegate", hint=f"Grant to {relay_account}."
        )
    if grant.until <= now:
        raise BadInput("The grant has ended already.", where="/until", hint="Sign one that lasts.")
    if grant.acts & ~int(KNOWN_ACTS):
        raise BadInput(
            "The grant names kinds of act that do not exist.",
            where="/acts",
            hint=f"The bits are {int(KNOWN_ACTS)}: record statements.",
        )
