"""Grants: what a member lets this API do for it. The contract checks each use."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field
from sqlalchemy import Row

from api.confirmation import accepted
from api.sessions import Member, Principal, own_key, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.chain.keystore import checksummed
from ledger.chain.typed_data import Grant
from ledger.store.database import read, write
from ledger.trace.grants import grants_of, keep_grant, revoke_grant

router = APIRouter(prefix="/grants", tags=["members"])

Granting = Annotated[Principal, Depends(scoped("grants"))]


class GrantIn(Strict):
    """Grant(uint32 member,address delegate,uint32 acts,uint64 until,bytes32 salt) with the member's signature over it."""

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
        told = [_told(row) for row in grants_of(connection, principal.number)]
    return {"relay_account": ledger.relay_account, "grants": told}


@router.post("", status_code=201, summary="Hand in a grant that you signed")
def hand_in(request: Request, response: Response, said: GrantIn, principal: Granting) -> dict[str, Any]:
    """The same grant again changes nothing and answers 200 with `repeated`."""
    own_key(principal, "Granting")
    ledger = ledger_of(request)
    grant = Grant(said.member, checksummed(said.delegate), said.acts, said.until, bytes.fromhex(said.salt[2:]))
    signature, now = bytes.fromhex(said.signature[2:]), int(time.time())
    with write(ledger.engine) as connection:
        grant_hash, repeated = keep_grant(
            connection, ledger.deployment, ledger.relay_account, principal.member, grant, signature, now
        )
    response.status_code = 200 if repeated else 201
    return {"grant_hash": grant_hash, "repeated": repeated}


@router.delete("/{grant_hash}", status_code=202, summary="Revoke a grant for ever, on the chain")
def revoke(
    request: Request,
    response: Response,
    principal: Granting,
    grant_hash: Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")],
) -> dict[str, Any]:
    """Queued under your session. This API stops using the grant at once; from the block of the revocation on, the
    contract refuses it."""
    own_key(principal, "Revoking a grant")
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        deployment, now = ledger.deployment, int(time.time())
        queued = revoke_grant(connection, deployment, principal.member, grant_hash, principal.authority, now)
    response.status_code = 202 if queued.new else 200
    return accepted(request, {"grant_hash": grant_hash, "transactions": [queued.id], "repeated": not queued.new})


def _told(row: Row[Any]) -> dict[str, Any]:
    names = ("grant_hash", "delegate", "acts", "until", "handed_in_at", "revoked_block")
    return {**{name: row._mapping[name] for name in names}, "revoking": row.revoking is not None}
