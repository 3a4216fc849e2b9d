"""Grants: what a member lets this API do for it (EIP-712, contracts/src/interfaces/IMembers.sol). The contract checks
each use."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from api.reads.grants import grant_of, grants_of, revocation_key
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from ledger.chain.keystore import checksummed
from ledger.chain.outbox import Intent, queue
from ledger.chain.roles import Act
from ledger.chain.typed_data import Grant, grant_message, hash_grant, signer_of
from ledger.errors import BadInput, NotAuthenticated, NotFound
from ledger.store.database import read, write
from ledger.store.schema import granted

router = APIRouter(prefix="/grants", tags=["members"])

REVOKE_GAS = 150_000
KNOWN_ACTS = Act.RECORD_STATEMENT


class GrantIn(BaseModel):
    """Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt) with the member's signature over
    it."""

    member: int = Field(ge=1, lt=2**32)
    delegate: str = Field(pattern="^0x[0-9a-fA-F]{40}$", description="This API's relay account")
    acts: int = Field(ge=1, lt=2**32, description="Bits of IMembers.Act; 1: record statements")
    until: int = Field(ge=1, lt=2**63, description="Unix seconds")
    salt: str = Field(pattern="^0x[0-9a-fA-F]{64}$")
    signature: str = Field(pattern="^0x[0-9a-fA-F]{130}$")


@router.get("", summary="Your grants that this API holds, and the relay account to grant to")
def list_grants(request: Request, principal: Member) -> dict[str, Any]:
    ledger = ledger_of(request)
    with read(ledger.engine) as connection:
        return {
            "relay_account": ledger.relay_account,
            "grants": [_told(row) for row in grants_of(connection, principal.number)],
        }


@router.post("", status_code=201, summary="Hand in a grant that you signed")
def hand_in_grant(
    request: Request, response: Response, said: GrantIn, principal: Annotated[Principal, Depends(scoped("grants"))]
) -> dict[str, Any]:
    """The same grant again changes nothing and answers 200 with `repeated`."""
    ledger = ledger_of(request)
    now = int(time.time())
    grant = Grant(said.member, checksummed(said.delegate), said.acts, said.until, bytes.fromhex(said.salt[2:]))
    signature = bytes.fromhex(said.signature[2:])
    _check(grant, principal, ledger.relay_account, now)
    if signer_of(grant_message(ledger.deployment, grant), signature).lower() != principal.member.account.lower():
        raise NotAuthenticated(
            "The grant is signed by another account than yours.", where="/signature", hint="Sign it with your own key."
        )
    grant_hash = "0x" + hash_grant(ledger.deployment, grant).hex()
    try:
        with write(ledger.engine) as connection:
            connection.execute(
                granted.insert().values(
                    grant_hash=grant_hash,
                    member=grant.member,
                    delegate=grant.delegate,
                    acts=grant.acts,
                    until=grant.until,
                    salt=said.salt.lower(),
                    signature=said.signature.lower(),
                    handed_in_at=now,
                )
            )
    except IntegrityError:
        response.status_code = 200
        return {"grant_hash": grant_hash, "repeated": True}
    return {"grant_hash": grant_hash, "repeated": False}


@router.delete("/{grant_hash}", status_code=202, summary="Revoke a grant for ever, on the chain")
def revoke_grant(
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(scoped("grants"))],
    grant_hash: Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")],
) -> dict[str, Any]:
    """Queued under your session. This API stops using the grant at once; from the block of the revocation on, the
    contract refuses it."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        grant = grant_of(_own(connection, grant_hash, principal))
        intent = Intent(
            key=revocation_key(grant_hash),
            account=principal.member.account,
            contract="Members",
            function="revokeGrant",
            args=(grant.as_tuple(),),
            authority=principal.authority,
            gas=REVOKE_GAS,
        )
        queued = queue(connection, ledger.deployment, intent, int(time.time()))
    response.status_code = 202 if queued.new else 200
    return {"grant_hash": grant_hash, "transactions": [queued.id], "repeated": not queued.new}


def _check(grant: Grant, principal: Principal, relay_account: str, now: int) -> None:
    if grant.member != principal.number:
        raise BadInput(
            f"The grant is of member {grant.member}, and you are member {principal.number}.",
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


def _own(connection: Connection, grant_hash: str, principal: Principal) -> Row[Any]:
    row = connection.execute(
        select(granted).where(granted.c.grant_hash == grant_hash, granted.c.member == principal.number)
    ).first()
    if row is None:
        raise NotFound("You handed in no such grant.", where=grant_hash, hint="See GET /grants.")
    return row


def _told(row: Row[Any]) -> dict[str, Any]:
    return {
        "grant_hash": row.grant_hash,
        "delegate": row.delegate,
        "acts": row.acts,
        "until": row.until,
        "handed_in_at": row.handed_in_at,
        "revoking": row.revoking is not None,
        "revoked_block": row.revoked_block,
    }
