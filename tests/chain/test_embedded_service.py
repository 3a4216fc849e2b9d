"""The embedded chain in service: its clock, its blocks, and what it keeps when it is killed or the disk is full."""

from __future__ import annotations

import random
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from embedded_node import RECORDER, RICH, Node, RpcError, signed, word
from eth.db.atomic import AtomicDB
from eth_typing import BlockNumber
from eth_utils.address import to_canonical_address

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.chain_file import ChainFile
from ledger.chain.embedded.rules import chain_class, genesis_parameters, genesis_state

CHAIN_ID = 7710
FUNDING: dict[bytes, int] = {to_canonical_address(account.address): 10**24 for account in RICH}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "chain.sqlite")
    yield node
    node.kill()


def replay(path: Path) -> None:
    """Executes every block of the file again from the genesis, in memory; py-evm refuses a root that differs."""
    file = ChainFile(path)
    try:
        kept = FileBackend(file, CHAIN_ID, {}).chain
        again = chain_class(CHAIN_ID).from_genesis(
            AtomicDB(), genesis_parameters(CHAIN_ID), cast(Any, genesis_state(FUNDING))
        )
        for number in range(1, kept.get_canonical_head().block_number + 1):
            again.import_block(kept.get_canonical_block_by_number(BlockNumber(number)))
        assert again.get_canonical_head() == kept.get_canonical_head()
    finally:
        file.close()


def test_its_time_never_runs_ahead_of_the_clock(node: Node) -> None:
    times = []
    for _ in range(3):
        receipt = node.execute(RICH[0], value=1)
        block = node.web3.eth.get_block(int(receipt["blockNumber"], 16))
        assert block["timestamp"] <= time.time()
        times.append(block["timestamp"])
    assert times == sorted(set(times)), "no two blocks share a second"


def test_it_makes_no_block_without_transactions_and_one_with_all_that_wait(node: Node) -> None:
    time.sleep(1.5)
    assert node.web3.eth.block_number == 0
    first = node.execute(RICH[0], value=1)
    waiting = [node.send(signed(account, nonce=nonce)) for nonce in range(1, 9) for account in RICH[:1]]
    waiting += [node.send(signed(account, nonce=nonce)) for nonce in range(8) for account in RICH[1:]]
    blocks = {node.receipt(hash_)["blockNumber"] for hash_ in waiting}
    # How many come while a block is being made depends on the machine; by far not a block each.
    assert len(blocks | {first["blockNumber"]}) * 4 <= len(waiting)


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.heavy)])
def test_what_was_confirmed_survives_being_killed_at_any_moment(tmp_path: Path, times: int) -> None:
    node = Node(tmp_path / "chain.sqlite")
    recorder = node.deploy(RECORDER)
    chance = random.Random(20)
    everything: list[tuple[str, str]] = []
    for _ in range(times):
        seen = _send_until_killed(node, recorder, everything, after=chance.uniform(0.5, 2.0))
        node.start()
        for hash_, receipt in seen.items():
            assert node.rpc("eth_getTransactionReceipt", hash_) == receipt
    for _, raw in everything:
        with suppress(RpcError):  # already known, or nonce too low
            node.send(raw)
    receipts = [node.receipt(hash_) for hash_, _ in everything]
    assert {receipt["status"] for receipt in receipts} == {"0x1"}
    logs = node.rpc("eth_getLogs", {"fromBlock": "earliest", "address": recorder})
    assert sorted(log["transactionHash"] for log in logs) == sorted(hash_ for hash_, _ in everything)
    assert node.stop()[0] == 0
    replay(tmp_path / "chain.sqlite")


def _send_until_killed(
    node: Node, recorder: str, everything: list[tuple[str, str]], after: float
) -> dict[str, dict[str, Any]]:
    """Sends 120 transactions while another thread kills the node; returns the receipts that were visible before."""
    nonces = {account.address: node.nonce(account) for account in RICH}
    seen: dict[str, dict[str, Any]] = {}
    mine: list[str] = []

    def look() -> None:
        for hash_ in mine[len(seen) :]:
            receipt = node.rpc("eth_getTransactionReceipt", hash_)
            if receipt is None:
                return
            seen[hash_] = receipt

    killer = threading.Timer(after, node.process.kill)
    killer.start()
    with suppress(httpx.HTTPError):
        for index in range(120):
            account = RICH[index % len(RICH)]
            raw = signed(account, nonce=nonces[account.address], to=recorder, data=word(len(everything)) + word(7))
            hash_ = node.send(raw)
            nonces[account.address] += 1
            everything.append((hash_, raw))
            mine.append(hash_)
            if index % 10 == 0:
                look()
        while node.process.poll() is None:
            look()
    killer.join()
    node.process.wait()
    return seen


def test_what_waits_survives_too(tmp_path: Path) -> None:
    node = Node(tmp_path / "chain.sqlite")
    ahead = node.send(signed(RICH[0], nonce=1, value=7))
    node.kill()
    node.start()
    assert node.rpc("eth_getTransactionByHash", ahead)["blockHash"] is None
    node.send(signed(RICH[0], nonce=0))
    assert node.receipt(ahead)["status"] == "0x1"
    node.kill()
    with closing(sqlite3.connect(tmp_path / "chain.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM waiting_transaction").fetchone() == (0,)


def test_a_full_disk_refuses_what_comes_and_keeps_what_is(node: Node) -> None:
    before = node.execute(RICH[0], value=1)
    _, most = resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE)
    # The largest file that the process may write, in bytes: as if the disk ended here.
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (Path(f"{node.file}-wal").stat().st_size, most))
    raw = signed(RICH[0], nonce=1, value=1)
    with pytest.raises(RpcError, match="cannot write to its disk") as refused:
        node.send(raw)
    assert refused.value.code == -32000
    assert node.rpc("eth_getTransactionReceipt", before["transactionHash"]) == before
    assert node.nonce(RICH[0]) == 1
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert node.receipt(node.send(raw))["status"] == "0x1", "as soon as there is room"
    assert node.stop()[0] == 0
    replay(node.file)
