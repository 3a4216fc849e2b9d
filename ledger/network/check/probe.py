"""One node that is tried: single calls, batches as large as asked, and small programs run by it without a transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ledger.chain.node_rpc import node_rpc
from ledger.chain.profiles import FINALIZED
from ledger.chain.rpc import Patience, Rpc, RpcFault
from ledger.errors import Unavailable

ONCE = Patience(20.0, 2)

#: JSON-RPC 2.0, section 5.1.
NO_METHOD = -32601

_UNKNOWN = ("not found", "not exist", "not supported", "unknown", "not available", "not enabled")


class Probe:
    """A node by its address. Unavailable when it does not answer at all; refusals are results."""

    def __init__(self, url: str, *, position: int = 1, nodes: int = 1) -> None:
        whole = dataclasses.replace(FINALIZED, batch_limit=2**31)  # a batch is sent as it is asked for
        self._rpc: Rpc = node_rpc(url, whole, position=position, nodes=nodes)
        self.given_url = url

    @property
    def url(self) -> str:
        """As it may stand in a sentence."""
        return self._rpc.url

    def close(self) -> None:
        self._rpc.close()

    def ask(self, method: str, *params: Any) -> Any:
        """The result, or the RpcFault."""
        return self._rpc.batch([(method, list(params))], ONCE)[0]

    def many(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """One batch, whatever its size: Unavailable where the node does not take it."""
        return self._rpc.batch(list(calls), ONCE)

    def has(self, method: str, *params: Any) -> bool:
        """Whether the node knows the method: it answers, or refuses for another reason."""
        answer = self.ask(method, *params)
        return not (isinstance(answer, RpcFault) and is_unknown_method(answer))

    def number(self, method: str, *params: Any) -> int | None:
        """A quantity; None where the node refused or said something else."""
        try:
            return int(self.ask(method, *params), 16)
        except (TypeError, ValueError, Unavailable):
            return None

    def block(self, number: int | str) -> dict[str, Any] | None:
        answer = self.ask("eth_getBlockByNumber", number if isinstance(number, str) else hex(number), False)
        return answer if isinstance(answer, dict) else None

    def run(self, program: str) -> bytes | RpcFault:
        """What a program (hex of EVM code) returns, run as the creation of a contract that is never sent."""
        answer = self.ask("eth_call", {"data": "0x" + program}, "latest")
        return answer if isinstance(answer, RpcFault) else bytes.fromhex(str(answer).removeprefix("0x"))


def is_unknown_method(fault: RpcFault) -> bool:
    said = fault.message.lower()
    return fault.code == NO_METHOD or ("method" in said and any(words in said for words in _UNKNOWN))
