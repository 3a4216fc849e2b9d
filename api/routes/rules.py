"""Commission rules: a member proposes, those whom a version pays sign it, and anyone may bring their signatures."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field
from sqlalchemy import select

from api.confirmation import accepted
from api.sessions import Member, Principal, scoped
from api.state import ledger_of
from api.validation import Strict
from ledger.errors import NotAllowed
from ledger.settle.acting import Acting, member_named
from ledger.settle.propose_rule import propose_rule
from ledger.settle.rule_rows import legs_of, version_of
from ledger.settle.sign_rule import message_to_sign, sign_rule
from ledger.settle.split import Leg, LegKind
from ledger.settle.tiers import Line, lines_of, told_line
from ledger.store.database import read, write
from ledger.store.queries.members import members
from ledger.store.schema import rule_signature

router = APIRouter(prefix="/rules", tags=["money"])

Number = Annotated[int, Path(ge=1, lt=2**32)]


class StepIn(Strict):
    from_volume_fen: int = Field(
        ge=1, lt=2**63, description="The payee's volume in the last closed month, from which it holds"
    )
    value: int = Field(ge=1, lt=2**63, description="Basis points")
    cap_fen: int = Field(default=0, ge=0, lt=2**63, description="Takes at most so much; 0: no cap")


class LegIn(Strict):
    payee: str = Field(description="A member's slug")
    kind: Literal["fixed", "share", "residual"]
    value: int = Field(
        default=0, ge=0, lt=2**63, description="Fen of a fixed leg, basis points of a share, 0 of the residual"
    )
    cap_fen: int = Field(default=0, ge=0, lt=2**63, description="A share takes at most so much; 0: no cap")
    floor_fen: int = Field(default=0, ge=0, lt=2**63, description="A share takes at least so much; 0: no floor")
    steps: list[StepIn] = Field(default=[], max_length=3, description="Of a share, in ascending order of volume")
    nested_rule: int = Field(
        default=0, ge=0, lt=2**32, description="A rule of the payee's that divides this leg; 0: none"
    )

    def line(self, payee: int) -> Line:
        line = Line(Leg(payee, LegKind(self.kind), self.value, self.cap_fen, self.floor_fen), (), self.nested_rule)
        return replace(line, steps=tuple(line.step(one.from_volume_fen, one.value, one.cap_fen) for one in self.steps))


class RuleIn(Strict):
    legs: list[LegIn] = Field(description="In the order in which they take; exactly one residual")
    rule: int = Field(default=0, ge=0, lt=2**32, description="0 opens a new rule; otherwise a new version of yours")


class SignatureIn(Strict):
    member: str = Field(description="Whose signature it is: a slug")
    signature: str = Field(pattern="^0x[0-9a-fA-F]{130}$", description="EIP-712 signature over RuleVersion, 65 bytes")


@router.post("", status_code=202, summary="Propose a rule, or a new version of one")
def propose(
    request: Request, response: Response, said: RuleIn, principal: Annotated[Principal, Depends(scoped("rules"))]
) -> dict[str, Any]:
    """It takes effect when all whom it must ask have signed. The same proposal on top of the same version is the same
    act."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        legs = [
            leg
            for place, entry in enumerate(said.legs, start=1)
            for leg in entry.line(member_named(connection, entry.payee, where=f"leg {place}").member).legs
        ]
        acting = Acting(principal.member, principal.authority)
        outcome = propose_rule(connection, ledger.deployment, acting, legs, now=int(time.time()), rule=said.rule)
    response.status_code = 202 if outcome.new else 200
    return accepted(request, {"repeated": not outcome.new, "state": outcome.state, "transactions": [outcome.id]})


@router.get(
    "/{rule}/{version}",
    summary="A version with its legs, whose signatures it has and needs, and the message that they sign",
)
def read_version(request: Request, rule: Number, version: Number, principal: Member) -> dict[str, Any]:
    """For its merchant and those whom it asks or pays."""
    ledger = ledger_of(request)
    with read(ledger.engine) as connection:
        row = version_of(connection, rule, version)
        legs = legs_of(connection, rule, version)
        query = select(rule_signature).where(rule_signature.c.rule == rule, rule_signature.c.version == version)
        asked = connection.execute(query.order_by(rule_signature.c.member)).all()
        parties = {row.merchant, *(leg.payee for leg in legs), *(one.member for one in asked)}
        if principal.number not in parties:
            raise NotAllowed(
                f"{principal.name} is no party of rule {rule}.", hint="Only those whom it pays or asks may read it."
            )
        slugs = {one.member: one.slug for one in members(connection)}
        message = message_to_sign(connection, ledger.deployment, rule, version)
    return {
        "rule": rule,
        "version": version,
        "base": row.base,
        "merchant": slugs[row.merchant],
        "legs_hash": row.legs_hash,
        "in_force": row.adopted_block is not None,
        "legs": [told_line(line, slugs) for line in lines_of(legs)],
        "signatures": [{"member": slugs[one.member], "signed_block": one.signed_block} for one in asked],
        "message": message,
    }


@router.post(
    "/{rule}/{version}/signatures", status_code=202, summary="Bring a member's signature under a version: anyone may"
)
def bring_signature(
    request: Request, response: Response, rule: Number, version: Number, said: SignatureIn
) -> dict[str, Any]:
    """No session is needed: the signature itself is checked here and in the contract, and this API's relay account
    sends it."""
    ledger = ledger_of(request)
    with write(ledger.engine) as connection:
        outcome = sign_rule(
            connection,
            ledger.deployment,
            rule=rule,
            version=version,
            member=member_named(connection, said.member, where="/member").member,
            signature=bytes.fromhex(said.signature[2:]),
            account=ledger.relay_account,
            authority=None,
            now=int(time.time()),
        )
    response.status_code = 202 if outcome.new else 200
    return accepted(request, {"repeated": not outcome.new, "state": outcome.state, "transactions": [outcome.id]})
