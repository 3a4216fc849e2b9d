"""JSON-RPC 2.0 over HTTP: batches, each answer matched to its call by id, and errors that say who did not answer.

An answer is never misread: one that is cut off, garbled, for another call, twice or not at all is asked for again after
a pause, and then told as Unavailable.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import msgspec

from ledger.chain.endpoint import Endpoint, Passing
from ledger.errors import NodeRefused, Unavailable

T = TypeVar("T")
Call = tuple[str, list[Any]]


@dataclass(frozen=True)
class Patience:
    """How long an answer is waited for in all, and how often it is asked for."""

    seconds: float
    tries: int


PATIENT = Patience(60.0, 4)

#: Seconds before the second try; three times as long before each further one.
FIRST_PAUSE = 0.1

#: How nodes say, in an answer of their own, that they are asked too often.
_BUSY = ("rate limit", "too many requests", "rate exceeded", "capacity exceeded", "try again later")


class _Error(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Any = None


class _Reply(msgspec.Struct):
    id: int | str | float | None = None
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: _Error | None = None


class RpcFault(msgspec.Struct, frozen=True):
    """An error that the other side answered with (JSON-RPC 2.0, section 5.1)."""

    code: int
    message: str
    data: Any


class Rpc:
    """A JSON-RPC endpoint. `who`, `hint`, `credentials_hint` as for `Endpoint`; a request holds at most `batch_limit`."""

    def __init__(
        self,
        url: str,
        batch_limit: int,
        *,
        who: str,
        hint: str,
        headers: Mapping[str, str] | None = None,
        credentials_hint: str | None = None,
    ) -> None:
        self._endpoint = Endpoint(url, who=who, hint=hint, headers=headers, credentials_hint=credentials_hint)
        self.url = self._endpoint.shown
        self._batch_limit = batch_limit
        # Not from 1: an answer meant for another connection must not fit a call of this one.
        self._ids = count(secrets.randbelow(2**31))
        self._replies = msgspec.json.Decoder(list[_Reply])
        self._reply = msgspec.json.Decoder(_Reply)

    def close(self) -> None:
        self._endpoint.close()

    def batch(self, calls: Sequence[Call], patience: Patience = PATIENT) -> list[Any]:
        """The results in the order of the calls; an RpcFault stands where the node refused. Unavailable when away."""
        return [
            each if isinstance(each, RpcFault) else msgspec.json.decode(each)
            for each in self.raw_batch(calls, patience)
        ]

    def raw_batch(self, calls: Sequence[Call], patience: Patience = PATIENT) -> list[msgspec.Raw | RpcFault]:
        """As `batch`, the results as JSON that was not decoded."""
        answers: list[msgspec.Raw | RpcFault] = []
        for first in range(0, len(calls), self._batch_limit):
            answers += self._batch(calls[first : first + self._batch_limit], patience)
        return answers

    def typed(self, kind: type[T], method: str, *params: Any, patience: Patience = PATIENT) -> T:
        """One large answer, decoded straight into its type. NodeRefused for a fault."""

        def read(replies: list[msgspec.Raw | RpcFault]) -> T | RpcFault:
            (reply,) = replies
            if isinstance(reply, RpcFault):
                return reply
            try:
                return msgspec.json.decode(reply, type=kind)
            except msgspec.DecodeError as error:
                raise Passing(self._endpoint.odd(f"answered {method} with something else: {error}.")) from None

        answer = self._patiently([(method, list(params))], read, patience)
        if isinstance(answer, RpcFault):
            raise NodeRefused(f"The node refused {method}: {answer.message}", code=answer.code, message=answer.message)
        return answer

    def _batch(self, calls: Sequence[Call], patience: Patience) -> list[msgspec.Raw | RpcFault]:
        return self._patiently(calls, list, patience)

    def _patiently(
        self, calls: Sequence[Call], read: Callable[[list[msgspec.Raw | RpcFault]], T], patience: Patience
    ) -> T:
        """What `read` makes of the answers; asked again while a fault may pass and patience lasts."""
        deadline = time.monotonic() + patience.seconds
        pause = FIRST_PAUSE
        for left in reversed(range(patience.tries)):
            try:
                return read(self._exchange(calls, deadline))
            except Passing as fault:
                # Not all at the same moment: several workers may have been turned away together.
                wait = fault.after if fault.after is not None else pause * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
                if not left or time.monotonic() + wait >= deadline:
                    raise fault.told from None
            time.sleep(wait)
            pause *= 3
        raise ValueError("patience without a try")

    def _exchange(self, calls: Sequence[Call], deadline: float) -> list[msgspec.Raw | RpcFault]:
        requests = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params} for method, params in calls
        ]
        content = self._endpoint.post(msgspec.json.encode(requests if len(requests) > 1 else requests[0]), deadline)
        return self._matched(requests, self._decoded(content))

    def _decoded(self, content: bytes) -> list[_Reply]:
        try:
            return self._replies.decode(content) if content.lstrip()[:1] == b"[" else [self._reply.decode(content)]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Passing(
                Unavailable(
                    f"What answers at {self.url} does not speak JSON-RPC: {error}.",
                    hint="Is another program listening on that port?",
                    url=self.url,
                )
            ) from None

    def _matched(self, requests: Sequence[dict[str, Any]], replies: Sequence[_Reply]) -> list[msgspec.Raw | RpcFault]:
        """A server may answer a batch in any order (JSON-RPC 2.0, section 6), each call once."""
        by_id = {reply.id: reply for reply in replies}
        missing = [request["method"] for request in requests if request["id"] not in by_id]
        if missing:
            told = replies[0].error if len(replies) == 1 else None
            said = told.message if told else "its answer is missing or belongs to another call"
            refusal = self._endpoint.odd(f"did not answer {missing[0]}: {said}.")
            if told is not None and not _is_busy(told.message):
                raise refusal
            raise Passing(refusal)
        if len(replies) != len(requests):
            raise Passing(self._endpoint.odd(f"gave {len(replies)} answers to {len(requests)} calls."))
        return [self._outcome(request["method"], by_id[request["id"]]) for request in requests]

    def _outcome(self, method: str, reply: _Reply) -> msgspec.Raw | RpcFault:
        if reply.error is not None:
            fault = RpcFault(reply.error.code, reply.error.message, reply.error.data)
            if _is_busy(fault.message):
                raise Passing(self._endpoint.odd(f"is asked too often: {fault.message}."))
            return fault
        if isinstance(reply.result, msgspec.UnsetType):
            raise Passing(self._endpoint.odd(f"answered {method} with neither a result nor an error."))
        return reply.result


def _is_busy(message: str) -> bool:
    said = message.lower()
    return any(words in said for words in _BUSY)
