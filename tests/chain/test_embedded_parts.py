"""The embedded chain in pieces, in this process: what a failure under a block does, and what eth-tester itself sees."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from embedded_node import POOR, RICH, signed, until
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth_utils.address import to_canonical_address

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.chain_file import ChainFile
from ledger.chain.embedded.history import History
from ledger.chain.embedded.miner import Miner
from ledger.chain.embedded.pool import Pool
from ledger.chain.embedded.refusals import Refusal
from ledger.chain.embedded.rules import GAS_LIMIT, EmbeddedVM
from ledger.errors import Unavailable

SENDERS: dict[bytes, int] = {to_canonical_address(account.address): 10**24 for account in RICH}


@dataclass
class Parts:
    file: ChainFile
    backend: FileBackend
    pool: Pool
    miner: Miner

    def send(self, account: int = 0, **fields: int) -> bytes:
        return self.pool.add(bytes.fromhex(signed(RICH[account], **fields)[2:]))

    def mined(self, hash_: bytes) -> bool:
        return History(self.file).transaction(hash_) is not None

    def fill_disk(self) -> None:
        """SQLite itself says that the database is full: blocks may not grow it by a page."""
        pages = self.file._blocks.execute("PRAGMA page_count").fetchone()[0]
        self.file._blocks.execute(f"PRAGMA max_page_count={pages}")

    def free_disk(self) -> None:
        self.file._blocks.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    file = ChainFile(tmp_path / "chain.sqlite")
    backend = FileBackend(file, 7710, SENDERS)
    pool = Pool(backend)
    yield Parts(file, backend, pool, Miner(backend, pool))
    file.close()


def test_a_block_that_cannot_be_kept_leaves_the_chain_as_it_was(parts: Parts) -> None:
    parts.fill_disk()
    hashes = [parts.send(nonce=nonce, gas=3_000_000, value=1) for nonce in range(15)]
    with pytest.raises(Unavailable, match="cannot write to its disk"):
        parts.miner.mine_now()
    assert parts.backend.head().block_number == 0
    assert len(parts.pool) == len(parts.file.waiting()) == len(hashes)
    parts.free_disk()
    parts.miner.mine_now()
    assert all(parts.mined(hash_) for hash_ in hashes)
    assert len(parts.pool) == len(parts.file.waiting()) == 0


def test_in_service_a_full_disk_is_said_once_and_the_chain_goes_on_when_there_is_room(
    parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    parts.fill_disk()
    hashes = [parts.send(nonce=nonce) for nonce in range(60)]  # more than the pages that are there have room for
    thread = threading.Thread(target=parts.miner.run)
    thread.start()
    try:
        trouble = until(lambda: parts.miner.trouble)
        assert isinstance(trouble, Unavailable)
        time.sleep(1.2)  # it tries again
        parts.free_disk()
        assert until(lambda: all(parts.mined(hash_) for hash_ in hashes))
        until(lambda: parts.miner.trouble is None)
    finally:
        parts.miner.stop()
        thread.join()
    said = capsys.readouterr().err
    assert (said.count("no block could be made"), said.count("blocks are made again")) == (1, 1)


def test_a_transaction_in_which_the_evm_fails_is_dropped_and_harms_no_other(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = EmbeddedVM.apply_transaction

    def failing(self: EmbeddedVM, header: BlockHeaderAPI, transaction: SignedTransactionAPI) -> object:
        if transaction.value == 13:
            raise ZeroDivisionError("a fault of the EVM itself")
        return real(self, header, transaction)

    monkeypatch.setattr(EmbeddedVM, "apply_transaction", failing)
    good, bad = parts.send(0, nonce=0), parts.send(1, nonce=0, value=13)
    parts.miner.mine_now()
    assert (parts.mined(good), parts.mined(bad)) == (True, False)
    assert len(parts.pool) == len(parts.file.waiting()) == 0
    assert "a fault of the EVM itself" in capsys.readouterr().err


def test_what_the_gas_limit_does_not_hold_waits_for_the_next_block_in_order(parts: Parts) -> None:
    big = [parts.send(0, nonce=nonce, gas=GAS_LIMIT - 10_000, value=1) for nonce in range(2)]
    small = parts.send(1, nonce=0, gas=21_000)
    parts.miner.mine_now()
    numbers = [History(parts.file).transaction(hash_) for hash_ in (*big, small)]
    assert [b'"blockNumber":"0x1"' in bytes(one or b"") for one in numbers] == [True, False, True]
    assert all(parts.mined(hash_) for hash_ in big)


def test_a_clock_behind_the_chain_is_waited_for(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    parts.send(nonce=0)
    parts.miner.mine_now()
    behind = parts.backend.head().timestamp - 100
    slow = Miner(parts.backend, parts.pool, clock=lambda: behind)
    thread = threading.Thread(target=slow.run)
    thread.start()
    hash_ = parts.send(nonce=1)
    time.sleep(0.3)
    slow.stop()
    thread.join()
    assert not parts.mined(hash_)
    assert "ahead of the clock" in capsys.readouterr().err


def test_more_than_its_money_allows_a_sender_may_not_queue(parts: Parts) -> None:
    parts.send(0, nonce=0, value=6 * 10**23)
    with pytest.raises(Refusal, match="queued cost"):
        parts.send(0, nonce=1, value=6 * 10**23)


def test_eth_testers_own_reading_sees_the_same_chain(parts: Parts) -> None:
    hash_ = parts.send(0, nonce=0, value=5)
    parts.miner.mine_now()
    poor = to_canonical_address(POOR.address)
    assert parts.backend.get_balance(poor) == 5
    assert parts.backend.get_balance(poor, 0) == 0
    assert parts.backend.get_nonce(to_canonical_address(RICH[0].address)) == 1
    assert parts.backend.get_block_by_number("latest")["hash"] == parts.backend.head().hash
    assert parts.backend.get_transaction_receipt(hash_)["status"] == 1


def test_a_call_cannot_write(parts: Parts) -> None:
    with pytest.raises(TypeError, match="tried to write"):
        parts.backend.chain.chaindb.db[b"key"] = b"value"


def test_a_block_is_left_when_the_node_is_asked_to_end(parts: Parts) -> None:
    hash_ = parts.send(nonce=0)
    parts.miner.stop()
    with pytest.raises(Unavailable, match="being stopped"):
        parts.miner.mine_now()
    assert not parts.mined(hash_)
    assert Pool(parts.backend).get(hash_) is not None
