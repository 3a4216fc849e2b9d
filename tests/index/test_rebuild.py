"""A rebuild gives the same rows, keeps what belongs to the home, and can die at any moment."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from index_world import NUMBERS, Chain
from lying_client import LyingClient
from sqlalchemy import Connection, Engine, Table, delete, event, select, update

from ledger.chain.client import Client
from ledger.errors import Conflict, Unavailable
from ledger.index.continuity import load_cursor
from ledger.index.derive import Stopped
from ledger.index.digest import digest
from ledger.index.last_error import keep_error, load_error
from ledger.index.ours import our_indexer, our_rebuild
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank_accounts import keep_unsigned
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.schema import DERIVED, LOCAL, cursor, order, payout

Digest = Callable[[], str]


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def rows_of(engine: Engine, tables: tuple[Table, ...]) -> dict[str, list[tuple[object, ...]]]:
    with read(engine) as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in tables}


@pytest.fixture
def indexed(engine: Engine, chain: Chain, documents: Documents) -> Engine:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    return engine


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.heavy)], ids=["from_raw_rows", "from_node"])
def from_node(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "rebuild"


def test_second_rebuild_at_the_same_time_is_refused(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    with scratch.with_name("rebuild.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="rebuilds the index already"):
            our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)


def test_fetching_again_without_a_node_leaves_the_rows(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path
) -> None:
    before, away = digest_of(indexed), Client("http://127.0.0.1:1", chain.client.profile)
    with pytest.raises(Unavailable):
        our_rebuild(indexed, away, chain.deployment, documents, scratch, from_node=True)
    assert digest_of(indexed) == before
    assert not scratch.exists()


def test_raw_rows_are_enough_to_rebuild_without_a_node(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path
) -> None:
    before, away = digest_of(indexed), Client("http://127.0.0.1:1", chain.client.profile)
    with write(indexed) as connection:
        for table in reversed(DERIVED):
            connection.execute(delete(table))
    told: list[tuple[int, int]] = []
    our_rebuild(indexed, away, chain.deployment, documents, scratch, progress=lambda *each: told.append(each))
    assert digest_of(indexed) == before
    assert told[-1][0] == told[-1][1] > 0


def test_stopped_rebuild_leaves_the_rows(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    before = digest_of(indexed)
    with pytest.raises(Stopped):
        our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, lambda: True, from_node=from_node)
    assert digest_of(indexed) == before


def test_rebuilt_rows_are_the_same(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    before, rows = digest_of(indexed), rows_of(indexed, (*DERIVED, cursor))
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    assert digest_of(indexed) == before
    after = rows_of(indexed, (*DERIVED, cursor))
    assert {name: sorted(map(repr, each)) for name, each in rows.items()} == {
        name: sorted(map(repr, each)) for name, each in after.items()
    }


def test_rebuild_mends_rows_that_were_changed_by_hand(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    before = digest_of(indexed)
    with write(indexed) as connection:
        connection.execute(delete(payout))
        connection.execute(update(order).values(amount_fen=1))
    assert digest_of(indexed) != before
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    assert digest_of(indexed) == before
    assert not our_indexer(indexed, chain.client, chain.deployment, documents).step()


def test_fetching_again_mends_a_cursor_that_was_changed_by_hand(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path
) -> None:
    before = digest_of(indexed)
    with write(indexed) as connection:
        connection.execute(update(cursor).values(block_hash="0x00"))
    keep_error(indexed, Unavailable("The line stood still."))
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=True)
    assert digest_of(indexed) == before
    with read(indexed) as connection:
        assert load_error(connection) is None
    assert not our_indexer(indexed, chain.client, chain.deployment, documents).step()


def test_rebuild_keeps_what_belongs_to_the_home(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    with write(indexed) as connection:
        account = BankAccount("Farm", "6222000000000000011", "102100099996")
        keep_unsigned(connection, chain.deployment, NUMBERS["farm"], account, now=1)
    before = rows_of(indexed, LOCAL)
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    assert rows_of(indexed, LOCAL) == before


def test_rebuild_on_a_shorter_chain_takes_its_rows(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path
) -> None:
    """The node was set back: what it no longer has is gone from the rows too."""
    client = LyingClient.of(chain.client)
    client.final = 20
    assert our_rebuild(indexed, client, chain.deployment, documents, scratch, from_node=True).next_block == 21


def test_rebuild_beside_a_running_indexer_ends_with_all_rows(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool, fresh_digest: Digest
) -> None:
    stopping = threading.Event()
    indexer = our_indexer(indexed, chain.client, chain.deployment, documents)
    running = threading.Thread(target=indexer.run, args=(stopping,))
    running.start()
    for number in range(3):
        chain.act("merchant", "Credit", "transfer", NUMBERS["platform"], 1, f"part {number}")
        our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    chain.act("merchant", "Credit", "transfer", NUMBERS["platform"], 1, "the last")
    last = chain.client.final_block()
    while True:
        with read(indexed) as connection:
            at = load_cursor(connection)
        if at is not None and at.next_block > last:
            break
        time.sleep(0.02)
    stopping.set()
    running.join()
    assert digest_of(indexed) == fresh_digest()


def test_readers_never_see_a_mixture(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    """Looked at from another connection before each statement of the exchange."""
    before, seen = digest_of(indexed), []
    readers = open_engine(indexed.url.render_as_string(hide_password=False))

    def look(connection: Connection, *_: object) -> None:
        if connection.engine.url == indexed.url:
            seen.append(digest_of(readers))

    event.listen(indexed, "before_cursor_execute", lambda connection, *rest: look(connection, *rest))
    with write(indexed) as connection:
        connection.execute(delete(payout))
    torn = digest_of(readers)
    seen.clear()
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    readers.dispose()
    assert len(seen) > len(DERIVED)
    assert set(seen) - {before} == {torn}  # the old rows, or after the exchange the new ones: nothing between
    assert seen == sorted(seen, key=(torn, before).index)
    assert digest_of(indexed) == before


def test_killed_rebuild_leaves_old_rows_or_new_ones(
    indexed: Engine, chain: Chain, documents: Documents, scratch: Path, from_node: bool
) -> None:
    before, url = digest_of(indexed), indexed.url.render_as_string(hide_password=False)
    with write(indexed) as connection:
        connection.execute(delete(payout))
    torn = digest_of(indexed)
    indexed.dispose()

    def rebuild_for_ever() -> None:
        engine, client = open_engine(url), Client(chain.client.url, chain.client.profile)
        while True:
            our_rebuild(engine, client, chain.deployment, documents, scratch, from_node=from_node)
            with write(engine) as connection:
                connection.execute(delete(payout))

    chance = random.Random(7)
    for _ in range(4):
        process = multiprocessing.get_context("fork").Process(target=rebuild_for_ever)
        process.start()
        time.sleep(chance.uniform(0.2, 0.7))
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()
        assert digest_of(open_engine(url)) in {before, torn}
    our_rebuild(indexed, chain.client, chain.deployment, documents, scratch, from_node=from_node)
    assert digest_of(indexed) == before
