"""Blocks as a node gives them, whole, with their receipts: in as few round trips as the profile allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ledger.chain.answers import BlockHeader, RawLog, read_header
from ledger.chain.client import Client
from ledger.chain.node_rpc import refusal_of
from ledger.chain.ordered_trie import EMPTY_ROOT
from ledger.chain.receipts_root import BlockReceipt
from ledger.chain.rpc import Call, RpcFault
from ledger.errors import Unavailable

NO_RECEIPTS: Final = "0x" + EMPTY_ROOT.hex()
"""The receipts root of a block without transactions."""

Receipts = tuple[BlockReceipt, ...]


@dataclass(frozen=True, slots=True)
class GivenBlock:
    """`answer`: all fields and the transactions' hashes. `receipts` in the order of the transactions; None where the node
    does not have them (yet). Nothing of it is checked: see `prove_blocks`."""

    header: BlockHeader
    answer: dict[str, Any]
    receipts: Receipts | None


def ask_blocks(client: Client, numbers: Sequence[int]) -> list[GivenBlock]:
    """The blocks with these numbers, in the order asked. NotFound beyond the head; Unavailable, NodeRefused."""
    return _with_receipts(client, _read_blocks(client, numbers, _answers(client, _blocks(numbers))))


def ask_live(client: Client, first: int, last: int, wanted: dict[str, Any]) -> tuple[list[GivenBlock], list[RawLog]]:
    """Both blocks included, and the logs there that `wanted` matches (an eth_getLogs filter); as `ask_blocks`, and in one
    round trip where receipts come in bulk."""
    numbers = range(first, last + 1)
    calls: list[Call] = [_logs_call(first, last, wanted)]
    calls += _blocks(numbers)
    if client.profile.receipts_in_bulk:
        calls += [("eth_getBlockReceipts", [hex(number)]) for number in numbers]
    matched, *answers = _answers(client, calls)
    logs = read_logs(client, matched)
    blocks = _read_blocks(client, numbers, answers[: len(numbers)])
    if not client.profile.receipts_in_bulk:
        return _with_receipts(client, blocks), logs
    receipts = (_receipts(client, n, each) for n, each in zip(numbers, answers[len(numbers) :], strict=True))
    return [GivenBlock(*block, each) for block, each in zip(blocks, receipts, strict=True)], logs


def ask_logs(client: Client, first: int, last: int, wanted: dict[str, Any]) -> msgspec.Raw:
    """The logs of these blocks as the node gives them; `read_logs` reads them. Unavailable, NodeRefused."""
    return _answers(client, [_logs_call(first, last, wanted)])[0]


def read_logs(client: Client, answer: msgspec.Raw) -> list[RawLog]:
    """Unavailable for what are no logs."""
    try:
        return msgspec.json.decode(answer, type=list[RawLog])
    except msgspec.DecodeError as error:
        raise Unavailable(f"The node at {client.url} answered eth_getLogs with something else: {error}.") from None


def _logs_call(first: int, last: int, wanted: dict[str, Any]) -> Call:
    return "eth_getLogs", [{"fromBlock": hex(first), "toBlock": hex(last), **wanted}]


def _blocks(numbers: Sequence[int]) -> list[Call]:
    return [("eth_getBlockByNumber", [hex(number), False]) for number in numbers]


def _answers(client: Client, calls: Sequence[Call]) -> list[msgspec.Raw]:
    answers = []
    for (method, _), answer in zip(calls, client.raw_batch(calls), strict=True):
        if isinstance(answer, RpcFault):
            raise refusal_of(answer, method)
        answers.append(answer)
    return answers


def _read_blocks(
    client: Client, numbers: Sequence[int], answers: Sequence[msgspec.Raw]
) -> list[tuple[BlockHeader, dict[str, Any]]]:
    given = [msgspec.json.decode(answer) for answer in answers]
    return [(read_header(client.url, each, str(number)), each) for number, each in zip(numbers, given, strict=True)]


def _with_receipts(client: Client, blocks: Sequence[tuple[BlockHeader, dict[str, Any]]]) -> list[GivenBlock]:
    """A second round trip, for the blocks that have some."""
    having = {header.number: answer for header, answer in blocks if header.receipts_root != NO_RECEIPTS}
    receipts: dict[int, Receipts | None] = {}
    if client.profile.receipts_in_bulk:
        bulk = _answers(client, [("eth_getBlockReceipts", [hex(number)]) for number in having])
        receipts = {number: _receipts(client, number, each) for number, each in zip(having, bulk, strict=True)}
    else:
        hashes = [str(digest) for answer in having.values() for digest in answer["transactions"]]
        single = iter(_answers(client, [("eth_getTransactionReceipt", [digest]) for digest in hashes]))
        for number, answer in having.items():
            whole = b",".join(bytes(next(single)) for _ in answer["transactions"])
            receipts[number] = _receipts(client, number, b"[" + whole + b"]")
    return [GivenBlock(header, answer, receipts.get(header.number, ())) for header, answer in blocks]


def _receipts(client: Client, number: int, answer: msgspec.Raw | bytes) -> Receipts | None:
    try:
        receipts = msgspec.json.decode(answer, type=list[BlockReceipt | None] | None)
    except msgspec.DecodeError as error:
        raise Unavailable(
            f"The node at {client.url} gave receipts of block {number} that cannot be read: {error}."
        ) from None
    if receipts is None:
        return None
    there = [receipt for receipt in receipts if receipt is not None]
    if len(there) != len(receipts):
        return None
    try:
        return tuple(sorted(there, key=lambda receipt: int(receipt.transaction_index, 16)))
    except ValueError:
        raise Unavailable(f"The node at {client.url} gave receipts of block {number} without a place in it.") from None
