"""Quorum reads: what decides about money is asked of every node, at one block, and counts where a majority agrees.

The block is the highest that a majority has; each node says its hash together with its answers, so that equal answers
on different chains do not add up. A node that answers otherwise on the very same block is left out from then on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from ledger.chain.node_pool import NodePool
from ledger.chain.rpc import Call, Patience, Rpc, RpcFault
from ledger.errors import NodeRefused, Unavailable

T = TypeVar("T")

#: How long each node may take: the slowest of them decides how long a quorum read takes.
ENOUGH = Patience(5.0, 2)

#: What a receipt decides; other fields differ from client to client.
_RECEIPT = ("transactionHash", "blockHash", "blockNumber", "status", "gasUsed", "contractAddress")


class QuorumRpc:
    """The interface of a pool, each answer by a majority. With one node there is nobody to ask but that one."""

    def __init__(self, nodes: NodePool, needed: int) -> None:
        """`needed`: how many must agree."""
        self._nodes = nodes
        self._needed = needed

    @property
    def url(self) -> str:
        return self._nodes.url

    def close(self) -> None:
        """Nothing: the pool belongs to the client that this is a view of."""

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Unavailable when no majority agrees: with the nodes that answered otherwise or not at all."""
        if len(self._nodes) == 1:
            return self._nodes.batch(calls)
        height = self._common_height()
        pinned = [(method, [hex(height) if each == "latest" else each for each in params]) for method, params in calls]
        pinned.append(("eth_getBlockByNumber", [hex(height), False]))
        answers = {
            position: answer
            for position, answer in self._nodes.ask_each(lambda node: node.batch(pinned, ENOUGH)).items()
            if not isinstance(answer, Unavailable) and isinstance(answer[-1], dict)
        }
        return [
            self._agreed(
                method, height, {position: (answer[-1]["hash"], answer[i]) for position, answer in answers.items()}
            )
            for i, (method, _) in enumerate(calls)
        ]

    def raw_batch(self, calls: Sequence[Call]) -> list[msgspec.Raw | RpcFault]:
        return [
            each if isinstance(each, RpcFault) else msgspec.Raw(msgspec.json.encode(each)) for each in self.batch(calls)
        ]

    def typed(self, kind: type[T], method: str, *params: Any) -> T:
        (answer,) = self.batch([(method, list(params))])
        if isinstance(answer, RpcFault):
            raise NodeRefused(f"The node refused {method}: {answer.message}", code=answer.code, message=answer.message)
        return msgspec.convert(answer, kind)

    def _common_height(self) -> int:
        """The highest block that as many nodes have as must agree."""
        heads = self._nodes.ask_each(_height)
        heights = sorted((head for head in heads.values() if isinstance(head, int)), reverse=True)
        if len(heights) < self._needed:
            raise self._no_majority(f"{len(heights)} of {len(self._nodes)} nodes answer")
        return heights[self._needed - 1]

    def _agreed(self, method: str, height: int, given: dict[int, tuple[str, Any]]) -> Any:
        """The answer of the majority; who said otherwise about the same block is accused."""
        votes = Counter((block, _value(method, answer)) for block, answer in given.values())
        (block, value), count = votes.most_common(1)[0] if votes else (("", ""), 0)
        if count < self._needed:
            raise self._no_majority(f"{count} of {len(self._nodes)} nodes agree about {method} at block {height}")
        right = next(answer for each, answer in given.values() if (each, _value(method, answer)) == (block, value))
        if right is not None:  # nothing may only mean not yet
            for position, (theirs, answer) in given.items():
                if theirs == block and answer is not None and _value(method, answer) != value:
                    what = f"At block {height} it answers {method} otherwise than {count} other nodes."
                    self._nodes.accuse(position, what)
        return right

    def _no_majority(self, what: str) -> Unavailable:
        return Unavailable(
            f"{what[0].upper()}{what[1:]}, and {self._needed} must: this decides about money.",
            hint="See `suyuan status`; it is tried again.",
        )


def _height(node: Rpc) -> int:
    (answer,) = node.batch([("eth_blockNumber", [])], ENOUGH)
    if not isinstance(answer, str):
        raise Unavailable(f"The node at {node.url} does not say where it stands.")
    return int(answer, 16)


def _value(method: str, answer: Any) -> str:
    """What is compared: the same from every client that says the same."""
    if isinstance(answer, RpcFault):
        data = answer.data.get("data") if isinstance(answer.data, dict) else answer.data
        return f"refused {data if isinstance(data, str) else ''}"
    if method == "eth_getTransactionReceipt" and isinstance(answer, dict):
        answer = {name: answer.get(name) for name in _RECEIPT}
    return json.dumps(answer, sort_keys=True).lower()
