"""A member's webhooks and their dead letters, for a person: what was not taken, why, and a button to send it again.

Complete without script. Registering is left to programs (`POST /webhooks`, `suyuan webhooks add`): the secret that it
shows once belongs into a program's configuration, not on a screen."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from api.sessions import Member, Principal, scoped
from api.state import ledger_of, pages_of
from ledger.notify.messages import counts_of, dead_letters, replay
from ledger.notify.webhooks import enable, webhooks_of
from ledger.store.database import read, write

router = APIRouter(include_in_schema=False)

PATH = "/my/webhooks"

Acting = Annotated[Principal, Depends(scoped("webhooks"))]


@router.api_route(PATH, methods=["GET", "HEAD"])
def webhooks_page(request: Request, principal: Member, replayed: int | None = None) -> Response:
    with read(ledger_of(request).engine) as connection:
        found = webhooks_of(connection, principal.number)
        counts = counts_of(connection, [one.id for one in found])
        letters = {one.id: dead_letters(connection, [one.id]) for one in found}
    context = {"webhooks": found, "counts": counts, "letters": letters, "replayed": replayed}
    return pages_of(request).render(request, "webhooks.html", context)


@router.post(f"{PATH}/replay")
def send_again(
    request: Request,
    principal: Acting,
    webhook: Annotated[str, Form()],
    message: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """One dead letter, or all of a webhook; a webhook that was disabled is enabled with it."""
    with write(ledger_of(request).engine) as connection:
        count = replay(connection, principal.number, webhook, now=int(time.time()), messages=message)
        enable(connection, principal.number, webhook)
    return RedirectResponse(f"{PATH}?replayed={count}", status_code=303)
