"""Bodies: how large a request's may be, reading one as bytes for routes that leave its reading to the ledger, and that
nobody guesses what an answer's is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.errors import BadInput


class BodyLimit:
    """Middleware: a route that reads a body of more than `most_bytes` fails with 413, at once where the length is announced.

    The error is raised where the body is read, inside the app, so that it is answered like every other.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = self._most_bytes - _announced(scope) if _announced(scope) > self._most_bytes else self._most_bytes

        async def limited() -> Message:
            nonlocal left
            if left < 0:
                raise HTTPException(413, headers={"Connection": "close"})
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self._app(scope, limited, send)


class NoSniffing:
    """Middleware: every answer is what its Content-Type says (Fetch, section 3.6); members' words are never run as a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, marked)


def _announced(scope: Scope) -> int:
    """Content-Length, 0 where there is none; the server has checked that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


async def _raw_body(request: Request) -> bytes:
    """The bytes as sent. BadInput when there are none."""
    body = await request.body()
    if not body.strip():
        raise BadInput("The request has no body.", where="request body", hint="Send the document as the body.")
    return body


RawBody = Annotated[bytes, Depends(_raw_body)]
