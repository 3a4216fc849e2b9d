"""A node that does not tell the truth: the real one, with one answer changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ledger.chain.answers import read_header
from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.rpc import Call, RpcFault


def true_header(header: BlockHeader) -> BlockHeader:
    return header


def true_logs(logs: list[RawLog]) -> list[RawLog]:
    return logs


class LyingClient(Client):
    """`header` and `logs` change what the node answered; `final` stands in for its last final block."""

    header: Callable[[BlockHeader], BlockHeader] = staticmethod(true_header)
    change_logs: Callable[[list[RawLog]], list[RawLog]] = staticmethod(true_logs)
    final: int | None = None

    @staticmethod
    def of(client: Client) -> LyingClient:
        return LyingClient(client.url, client.profile)

    def final_block(self) -> int:
        return super().final_block() if self.final is None else self.final

    def block(self, number: int) -> BlockHeader:
        return self.header(super().block(number))

    def blocks(self, numbers: Sequence[int]) -> list[BlockHeader]:
        return [self.header(header) for header in super().blocks(numbers)]

    def raw_batch(self, calls: Sequence[Call]) -> list[msgspec.Raw | RpcFault]:
        answers = super().raw_batch(calls)
        return [self._changed(method, answer) for (method, _), answer in zip(calls, answers, strict=True)]

    def _changed(self, method: str, answer: msgspec.Raw | RpcFault) -> msgspec.Raw | RpcFault:
        if method == "eth_getLogs" and not isinstance(answer, RpcFault):
            logs = msgspec.json.decode(answer, type=list[RawLog])
            return msgspec.Raw(msgspec.json.encode(self.change_logs(logs)))
        if method == "eth_getBlockByNumber" and not isinstance(answer, RpcFault):
            block = msgspec.json.decode(answer)
            header = self.header(read_header(self.url, block, "asked for"))
            changed = {**block, "hash": header.hash, "parentHash": header.parent_hash}
            return msgspec.Raw(msgspec.json.encode(changed)) if changed != block else answer
        return answer

    def logs(self, from_block: int, to_block: int, addresses: Sequence[str]) -> list[RawLog]:
        return self.change_logs(super().logs(from_block, to_block, addresses))


def with_hash(number: int, hash_: str) -> Callable[[BlockHeader], BlockHeader]:
    """Block `number` gets another hash."""
    return lambda header: msgspec.structs.replace(header, hash=hash_) if header.number == number else header


def with_parent(number: int, parent_hash: str) -> Callable[[BlockHeader], BlockHeader]:
    """Block `number` stands on another block."""
    return lambda header: (
        msgspec.structs.replace(header, parent_hash=parent_hash) if header.number == number else header
    )
