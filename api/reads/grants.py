"""The grants that members handed to this API: kept so that web forms can act under them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, literal, select

from ledger.chain.roles import Act
from ledger.chain.typed_data import Grant
from ledger.store.schema import grant_revoked, granted, outbox
from ledger.trace.capture import SignedGrant

_REVOKE = "revoke:"


def revocation_key(grant_hash: str) -> str:
    """The outbox key of a grant's revocation: there is one."""
    return _REVOKE + grant_hash


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


def usable_grant(connection: Connection, member: int, relay_account: str, act: Act, now: int) -> SignedGrant | None:
    """A grant of the member for this API and this kind of act, in time and not revoked as far as the rows know; the
    contract decides."""
    for row in grants_of(connection, member):
        if (
            row.revoked_block is None
            and row.revoking is None
            and row.delegate == relay_account
            and row.until > now
            and act in Act(row.acts)
        ):
            return SignedGrant(grant_of(row), bytes.fromhex(row.signature.removeprefix("0x")))
    return None


def grant_of(row: Row[Any]) -> Grant:
    return Grant(row.member, row.delegate, row.acts, row.until, bytes.fromhex(row.salt.removeprefix("0x")))
