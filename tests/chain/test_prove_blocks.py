"""A node's logs are proven by its headers; what does not agree is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from chain_world import World

from ledger.chain.client import Client
from ledger.chain.given_blocks import ask_live
from ledger.chain.prove_blocks import prove_blocks, prove_given
from ledger.chain.rpc import Call, RpcFault
from ledger.errors import BrokenEvidence, NotFound, Unavailable


class LyingNode(Client):
    """The real node, whose answers to one method are changed."""

    def lie(self, method: str, change: Callable[[list[Any]], object]) -> None:
        self._method, self._change = method, change

    def raw_batch(self, calls: Sequence[Call]) -> list[msgspec.Raw | RpcFault]:
        answers = super().raw_batch(calls)
        lied_about = [place for place, (method, _) in enumerate(calls) if method == getattr(self, "_method", None)]
        if lied_about:
            told = [msgspec.json.decode(answers[place]) for place in lied_about]
            self._change(told)
            for place, lie in zip(lied_about, told, strict=True):
                answers[place] = msgspec.Raw(msgspec.json.encode(lie))
        return answers


@pytest.fixture(params=[True, False], ids=["in bulk", "one by one"])
def client(request: pytest.FixtureRequest, world: World) -> LyingNode:
    return LyingNode(world.client.url, replace(world.profile, receipts_in_bulk=request.param))


def receipts_method(client: Client) -> str:
    return "eth_getBlockReceipts" if client.profile.receipts_in_bulk else "eth_getTransactionReceipt"


def receipts_of(client: Client, answers: list[Any]) -> list[Any]:
    return answers[0] if client.profile.receipts_in_bulk else answers


@pytest.fixture
def block(world: World) -> int:
    """One that holds a log of ours."""
    logs = world.client.logs(0, world.client.head().number, list(world.deployment.addresses.values()))
    return int(logs[-1].block_number, 16)


def test_block_beyond_the_head_is_not_found(client: LyingNode) -> None:
    with pytest.raises(NotFound):
        prove_blocks(client, [client.head().number + 100])


def test_dropped_log_is_told(client: LyingNode, block: int) -> None:
    client.lie(receipts_method(client), lambda answers: receipts_of(client, answers)[-1].update(logs=[]))
    with pytest.raises(BrokenEvidence, match=f"receipts root of block {block}"):
        prove_blocks(client, [block])


def test_changed_log_is_told(client: LyingNode, block: int) -> None:
    def change(answers: list[Any]) -> None:
        log = receipts_of(client, answers)[-1]["logs"][0]
        log["data"] = log["data"][:-2] + "ff"

    client.lie(receipts_method(client), change)
    with pytest.raises(BrokenEvidence, match="drops or changes"):
        prove_blocks(client, [block])


def test_receipts_without_the_last_are_told(world: World, block: int) -> None:
    client = LyingNode(world.client.url, replace(world.profile, receipts_in_bulk=True))
    client.lie("eth_getBlockReceipts", lambda answers: answers[0].pop())
    with pytest.raises(BrokenEvidence, match="receipts root"):
        prove_blocks(client, [block])


def test_receipts_that_are_not_there_yet_are_asked_again(client: LyingNode, block: int) -> None:
    def nothing(answers: list[Any]) -> None:
        answers[:] = [None] * len(answers)

    client.lie(receipts_method(client), nothing)
    with pytest.raises(Unavailable, match="does not have the receipts"):
        prove_blocks(client, [block])


def test_receipts_of_another_block_are_asked_again(client: LyingNode, block: int) -> None:
    wrong = "0x" + "ab" * 32
    client.lie(receipts_method(client), lambda answers: receipts_of(client, answers)[0].update(blockHash=wrong))
    with pytest.raises(Unavailable, match="its receipts are of"):
        prove_blocks(client, [block])


def test_receipts_that_cannot_be_read_are_told(client: LyingNode, block: int) -> None:
    client.lie(receipts_method(client), lambda answers: receipts_of(client, answers)[0].pop("logsBloom"))
    with pytest.raises(Unavailable, match="cannot be read"):
        prove_blocks(client, [block])


@pytest.mark.parametrize("field", ["receiptsRoot", "parentHash", "hash", "logsBloom", "timestamp"])
def test_header_that_does_not_hash_to_its_block_is_told(client: LyingNode, block: int, field: str) -> None:
    def change(answers: list[Any]) -> None:
        value = answers[0][field]
        answers[0][field] = value[:-1] + ("0" if value[-1] != "0" else "1")

    client.lie("eth_getBlockByNumber", change)
    with pytest.raises(BrokenEvidence, match=f"The hash of block {block}"):
        prove_blocks(client, [block])


def test_another_block_than_asked_is_told(client: LyingNode, block: int) -> None:
    client.lie("eth_getBlockByNumber", lambda answers: answers.reverse())
    with pytest.raises(BrokenEvidence, match=f"answered block {block} for block {block - 1}"):
        prove_blocks(client, [block - 1, block])


def test_proven_logs_are_those_that_the_node_finds(client: LyingNode) -> None:
    last = client.head().number
    proven = prove_blocks(client, list(range(last + 1)))
    assert [each.header.number for each in proven] == list(range(last + 1))
    assert [log for each in proven for log in each.logs] == client.logs(0, last, [])
    assert sum(each.receipts for each in proven) > len(proven) / 2


def test_blocks_that_come_with_their_logs_are_proven_alike(world: World, client: LyingNode) -> None:
    last, addresses = client.head().number, list(world.deployment.addresses.values())
    given, logs = ask_live(client, 0, last, {"address": addresses})
    assert prove_given(client, range(last + 1), given) == prove_blocks(client, range(last + 1))
    assert logs == client.logs(0, last, addresses)
