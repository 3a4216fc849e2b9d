"""One event by its CBV 2.0 hash."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from api.reads.events import event_document
from api.sessions import Asking
from api.state import ledger_of
from ledger.store.database import read

router = APIRouter(tags=["evidence"])


@router.get(
    "/events/{event_hash}",
    summary="An event with its statements; body and salts for those who may see them",
    response_class=Response,
)
def read_event(
    request: Request,
    principal: Asking,
    event_hash: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="CBV 2.0 hash, 64 hex digits")],
) -> Response:
    """Everybody learns who said it and in which block. What was said, and the salts, are for its signers, for members
    whose places it names, and for everybody once it belongs to the journey of a lot with item codes; otherwise
    `sealed` is true."""
    with read(ledger_of(request).engine) as connection:
        document = event_document(connection, event_hash, principal.number if principal else None)
    return Response(
        msgspec.json.encode(document),
        media_type="application/json",
        headers={"Vary": "Authorization, Cookie", "Cache-Control": "no-store"},
    )
