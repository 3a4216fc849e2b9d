"""Says so where what is accepted cannot be confirmed yet: the chain makes no blocks, or no node of it can be asked.

    Suyuan-Confirmation: delayed

stands on the answer to every writing request that is accepted meanwhile, the answers that queue transactions carry
`unconfirmed` with the reason and since when, and every page carries a notice. What is accepted is kept, and goes onto
the chain by itself afterwards, once. The nodes are looked at beside the requests: none waits for a node.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.chain.outbox import CLOSED
from ledger.chain.standstill import Standstill, standstill
from ledger.context import Ledger
from ledger.errors import SuyuanError
from ledger.store.schema import outbox

HEADER = "Suyuan-Confirmation"


class Confirmation:
    """Marks what is accepted while nothing can be confirmed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            accepted = message["type"] == "http.response.start" and message["status"] in (200, 201, 202)
            if accepted and standstill_of(scope["app"]) is not None:
                MutableHeaders(scope=message)[HEADER] = "delayed"
            await send(message)

        await self._app(scope, receive, marked)


def standstill_of(app: Any) -> Standstill | None:
    """Why nothing can be confirmed now; None as a rule. From the nodes' last looks: asks none of them."""
    ledger: Ledger = app.state.shared.ledger
    return standstill(ledger.engine, ledger.client, time.time())


def accepted(connection: HTTPConnection, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer to what was accepted, with `unconfirmed` where it cannot be confirmed yet: why, and since when."""
    still = standstill_of(connection.app)
    if still is None:
        return answer
    sentence = f"{still.sentence} What you sent is kept, and is confirmed once the chain goes on; do not send it again."
    since = datetime.fromtimestamp(still.since, UTC).isoformat().replace("+00:00", "Z")
    return {**answer, "unconfirmed": {"reason": still.reason, "sentence": sentence, "since": since}}


def waiting(engine: Engine) -> int:
    """How many transactions of this home wait for the chain; 0 where the database does not answer: a page has other ways
    to say that."""
    try:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).where(outbox.c.state.not_in(CLOSED))).scalar_one()
    except (SQLAlchemyError, SuyuanError):
        return 0
