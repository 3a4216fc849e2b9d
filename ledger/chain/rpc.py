"""JSON-RPC 2.0 over HTTP: batches, one kept-alive connection pool, and errors that say who did not answer."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, TypeVar

import httpx
import msgspec

from ledger.errors import NodeRefused, Unavailable

T = TypeVar("T")


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Any = None


class _Reply(msgspec.Struct):
    id: int | None = None
    result: Any = None
    error: _Error | None = None


class RpcFault(msgspec.Struct, frozen=True):
    """An error that the other side answered with (JSON-RPC 2.0, section 5.1)."""

    code: int
    message: str
    data: Any


class Rpc:
    """A JSON-RPC endpoint. `who`, `hint`: for the sentence when it is away; a request holds at most `batch_limit`."""

    def __init__(
        self, url: str, batch_limit: int, *, who: str, hint: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.url = url
        self._batch_limit = batch_limit
        self._who = who
        self._hint = hint
        self._http = httpx.Client(
            # Reading the system's certificates takes 0.2 s: only where they are needed.
            verify=ssl.create_default_context()
            if url.startswith("https:")
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=httpx.Timeout(60.0, connect=5.0),
            headers={"content-type": "application/json", **(headers or {})},
        )
        self._ids = count(1)
        self._replies = msgspec.json.Decoder(list[_Reply])
        self._reply = msgspec.json.Decoder(_Reply)

    def close(self) -> None:
        self._http.close()

    def batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """The results in the order of the calls; an RpcFault stands where the node refused. Unavailable when away."""
        answers: list[Any] = []
        for first in range(0, len(calls), self._batch_limit):
            answers += self._batch(calls[first : first + self._batch_limit])
        return answers

    def typed(self, kind: type[T], method: str, *params: Any) -> T:
        """One large answer, decoded straight into its type. NodeRefused for a fault."""
        envelope = msgspec.defstruct("_Typed", [("result", kind | None, None), ("error", _Error | None, None)])
        content = self._post(self._call(method, list(params)))
        try:
            reply: Any = msgspec.json.decode(content, type=envelope)
        except msgspec.DecodeError as error:
            raise Unavailable(f"{self._who} at {self.url} answered {method} with something else: {error}.") from None
        if reply.error is not None:
            fault: _Error = reply.error
            raise NodeRefused(f"The node refused {method}: {fault.message}", code=fault.code, message=fault.message)
        result: T = reply.result
        return result

    def _call(self, method: str, params: list[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

    def _batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        requests = [self._call(method, params) for method, params in calls]
        content = self._post(requests if len(requests) > 1 else requests[0])
        try:
            replies = self._replies.decode(content) if content.lstrip()[:1] == b"[" else [self._reply.decode(content)]
        except msgspec.DecodeError as error:
            raise Unavailable(
                f"What answers at {self.url} does not speak JSON-RPC: {error}.",
                hint="Is another program listening on that port?",
            ) from None
        by_id = {
            reply.id: reply for reply in replies
        }  # A server may answer a batch in any order (JSON-RPC 2.0, section 6).
        missing = [request for request in requests if request["id"] not in by_id]
        if missing:
            said = replies[0].error.message if len(replies) == 1 and replies[0].error else "some answers are missing"
            raise Unavailable(f"{self._who} at {self.url} did not answer {missing[0]['method']}: {said}.")
        return [_outcome(by_id[request["id"]]) for request in requests]

    def _post(self, body: Any) -> bytes:
        content = msgspec.json.encode(body)
        # A kept-alive connection may have been closed by a node that restarted: every call here is harmless to repeat.
        for attempt in (1, 2):
            try:
                response = self._http.post(self.url, content=content)
                break
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError) as error:
                if attempt == 2:
                    raise self._away(error) from None
                time.sleep(0.05)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._away(error) from None
        if response.status_code != 200 and not response.headers.get("content-type", "").startswith("application/json"):
            raise Unavailable(
                f"{self._who} at {self.url} answered with HTTP {response.status_code}.",
                hint=self._hint,
            )
        return response.content

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"{self._who} at {self.url} does not answer ({str(error) or type(error).__name__}).",
            hint=self._hint,
            url=self.url,
        )


def _outcome(reply: _Reply) -> Any:
    if reply.error is None:
        return reply.result
    return RpcFault(reply.error.code, reply.error.message, reply.error.data)
