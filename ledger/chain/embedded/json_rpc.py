"""JSON-RPC 2.0 (jsonrpc.org/specification): one call or a batch, as bytes in and out."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from ledger.chain.embedded.refusals import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    SERVER_ERROR,
    Refusal,
)
from ledger.chain.embedded.say import say
from ledger.errors import SuyuanError

MOST_IN_A_BATCH = 1_000
_encode = msgspec.json.Encoder().encode
Call = Callable[[str, list[Any]], Any]


def answer(body: bytes, call: Call) -> bytes:
    """The response to a request body; empty for notifications, which want none."""
    try:
        request = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _failed(None, Refusal(PARSE_ERROR, f"parse error: {error}"))
    if not isinstance(request, list):
        return _answer_one(request, call)
    if not request:
        return _failed(None, Refusal(INVALID_REQUEST, "empty batch"))
    if len(request) > MOST_IN_A_BATCH:
        return _failed(None, Refusal(INVALID_REQUEST, f"batch too large: at most {MOST_IN_A_BATCH} calls"))
    answers = [one for one in (_answer_one(item, call) for item in request) if one]
    return b"[" + b",".join(answers) + b"]" if answers else b""


def _answer_one(request: Any, call: Call) -> bytes:
    """Empty for a notification."""
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _failed(None, Refusal(INVALID_REQUEST, "invalid request: an object with a method is wanted"))
    name = request.get("id")
    parameters = request.get("params")
    try:
        if parameters is not None and not isinstance(parameters, list):
            raise Refusal(INVALID_PARAMS, "non-array args")
        response = _succeeded(name, call(request["method"], parameters or []))
    except Refusal as refusal:
        response = _failed(name, refusal)
    except SuyuanError as error:
        response = _failed(name, Refusal(SERVER_ERROR, str(error)))
    except Exception:
        say(f"{request['method']} failed:\n{traceback.format_exc()}")
        response = _failed(name, Refusal(INTERNAL_ERROR, "internal error: the chain's log says more"))
    return response if "id" in request else b""


def _succeeded(name: Any, result: Any) -> bytes:
    # What the history wrote is joined, not encoded again: an answer of logs may be tens of megabytes.
    rendered = memoryview(result) if isinstance(result, msgspec.Raw) else _encode(result)
    return b"".join((b'{"jsonrpc":"2.0","id":', _encode(name), b',"result":', rendered, b"}"))


def _failed(name: Any, refusal: Refusal) -> bytes:
    return _encode({"jsonrpc": "2.0", "id": name, "error": refusal.as_object()})
