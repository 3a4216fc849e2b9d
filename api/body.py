"""Reading a request's body as bytes, for routes that leave its reading to the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from ledger.errors import BadInput


async def _raw_body(request: Request) -> bytes:
    """The bytes as sent; the app's body limit (413) has been applied. BadInput when there are none."""
    body = await request.body()
    if not body.strip():
        raise BadInput("The request has no body.", where="request body", hint="Send the document as the body.")
    return body


RawBody = Annotated[bytes, Depends(_raw_body)]
