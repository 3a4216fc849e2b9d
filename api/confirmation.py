"""Says so where what is accepted cannot be confirmed yet: the chain makes no blocks, and the outbox keeps everything.

    Suyuan-Confirmation: delayed

stands on the answer to every writing request that is accepted meanwhile, and every page carries a notice.
"""

from __future__ import annotations

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.chain.outbox import CLOSED
from ledger.chain.pulse import Pulse
from ledger.store.schema import outbox

HEADER = "Suyuan-Confirmation"


class Confirmation:
    """Marks what is accepted while the chain is silent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return

        pulse: Pulse = scope["app"].state.shared.pulse

        async def marked(message: Message) -> None:
            accepted = message["type"] == "http.response.start" and message["status"] in (200, 202)
            if accepted and pulse.silent_seconds() is not None:
                MutableHeaders(scope=message)[HEADER] = "delayed"
            await send(message)

        await self._app(scope, receive, marked)


def waiting(engine: Engine) -> int:
    """How many transactions of this home wait for the chain; 0 where the database does not answer: a page has other ways
    to say that."""
    try:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).where(outbox.c.state.not_in(CLOSED))).scalar_one()
    except SQLAlchemyError:
        return 0
