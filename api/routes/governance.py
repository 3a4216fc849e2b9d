"""How the consortium governs itself: one address, a page for people and JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from api.pages.governance import governance_page
from api.pages.render import prefers_html
from api.reads.governance import Governance, MemberGoverned, governance
from api.sessions import Asking
from api.state import ledger_of
from ledger.govern.documents import proposal_document
from ledger.govern.moment import chain_now
from ledger.store.database import read

router = APIRouter(tags=["governance"])


@router.head("/governance", include_in_schema=False)
@router.get(
    "/governance",
    summary="Constitution, members with standing, keys and validators, open proposals, stops, and every administrative act",
    response_class=Response,
)
def read_governance(
    request: Request,
    principal: Asking,
    before: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}-[0-9]{1,9}$", description="Older acts: the `older` of the last answer")
    ] = None,
) -> Response:
    """Acts come 50 at a time, the newest first. Times are Unix seconds. `validators.actual` is null where the chain's
    blocks do not tell who makes them, or no node answers."""
    ledger = ledger_of(request)
    block, _, log = (before or "").partition("-")
    position = (int(block), int(log)) if before else None
    with read(ledger.engine) as connection:
        told = governance(connection, ledger.client, ledger.deployment, chain_now(connection), position)
    if prefers_html(request):
        return governance_page(request, told, first=before is None)
    return JSONResponse(_document(told), headers={"Vary": "Accept"})


def _document(told: Governance) -> dict[str, Any]:
    return {
        "constitution": {**told.constitution.numbers(), "block": told.constitution.block},
        "seats": told.seats,
        "needed": told.needed,
        "members": [_member(one) for one in told.members],
        "validators": {
            "wanted": [asdict(one) for one in told.wanted],
            "actual": told.actual,
            "absent": told.absent,
            "unwanted": told.unwanted,
        },
        "proposals": [proposal_document(one) for one in told.proposals],
        "stops": [asdict(one) for one in told.stops],
        "stop_calls": [
            {
                "function": one.function,
                "lift": one.lift,
                "asking": [member.slug for member in one.asking],
                "needed": one.needed,
                "reason": one.reason,
                "counts_until": one.counts_until,
            }
            for one in told.stop_calls
        ],
        "acts": [
            {
                "act": one.act,
                "says": one.says.as_json(),
                "at": one.at,
                "block": one.block,
                "tx_hash": one.tx_hash,
                "position": one.position,
            }
            for one in told.acts
        ],
        "older": told.older,
    }


def _member(one: MemberGoverned) -> dict[str, Any]:
    return {
        "number": one.row.member,
        "slug": one.row.slug,
        "name": one.row.name,
        "standing": one.row.standing,
        "roles": one.roles,
        "seat": one.seat,
        "keys": [
            {"key": key.key, "kind": key.kind, "roles": key.roles, "until": key.until, "block": key.block}
            for key in one.keys
        ],
        "validator": one.validator,
        "making_blocks": one.making,
    }
