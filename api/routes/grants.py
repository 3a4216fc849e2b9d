"""Grants: what a member lets this API do for it (EIP-712, contracts/src/interfaces/IMembers.sol). The contract checks
each use."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from ledger.chain.keystore import checksummed
from ledger.chain.typed_data import Grant
from ledger.store.database import read, write
from ledger.trace import grants

router = APIRouter(prefix="/grants", tags=["members"])


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
            "grants": [_told(row) for row in grants.grants_of(connection, principal.number)],
        }


@router.post("", status_code=201, summary="Hand in a grant that you signed")
def hand_in_grant(
    request: Request, response: Response, said: GrantIn, principal: Annotated[Principal, Depends(scoped("grants"))]
) -> dict[str, Any]:
    """The same grant again changes nothing and answers 200 with `repeated`."""
    ledger = ledger_of(request)
    grant = Grant(said.member, checksummed(said.delegate), said.acts, said.until, bytes.fromhex(said.salt[2:]))
    signature = bytes.fromhex(said.signature[2:])
    with write(ledger.engine) as connection:
        grant_hash, repeated = grants.keep_grant(
            connection,
            ledger.deployment,
            ledger.relay_account,
            principal.member,
            grant,
            signature,
            int(time.time()),
        )
    response.status_code = 200 if repeated else 201
    return {"grant_hash": grant_hash, "repeated": repeated}


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
        queued = grants.revoke_grant(
            connection, ledger.deployment, principal.member, grant_hash, principal.authority, int(time.time())
        )
    response.status_code = 202 if queued.new else 200
    return {"grant_hash": grant_hash, "transactions": [queued.id], "repeated": not queued.new}


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
