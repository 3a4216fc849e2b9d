"""What stops the line leaves it where it is; what passes leaves each row once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import msgspec
import pytest
from index_world import OPEN, Chain, openings_of
from lying_client import LyingClient, with_hash, with_parent
from sqlalchemy import Engine

from ledger.chain.artifact import CONTRACTS
from ledger.chain.client import RawLog
from ledger.chain.contracts import Deployment
from ledger.errors import BadInput, BrokenEvidence, NodeRefused, Unavailable
from ledger.index import fetch
from ledger.index.addresses import Addresses
from ledger.index.commit import commit
from ledger.index.continuity import Cursor, load_cursor, place_cursor
from ledger.index.decode import decode
from ledger.index.derive import Stopped, derive
from ledger.index.digest import digest
from ledger.index.follow import await_block
from ledger.index.indexer import Indexer
from ledger.index.ours import our_indexer, our_plan
from ledger.index.plan import BlockRow
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.status import status
from ledger.index.window import Window
from ledger.store.database import read, write
from ledger.store.documents import Documents

WRONG = "0x" + "ab" * 32
FOUNDED = len(CONTRACTS)  # blocks, one a contract; what the story tells comes after them
PROPOSED = FOUNDED + 23  # the block of the first rule
Digest = Callable[[], str]


def an_indexer(engine: Engine, chain: Chain, documents: Documents, client: LyingClient | None = None) -> Indexer:
    return our_indexer(engine, client or chain.client, chain.deployment, documents)


def all_from(block: int, chain: Chain, documents: Documents) -> tuple[RawTables, Addresses, Window]:
    """What is followed, and all that the chain says of it from this block on."""
    tables = RawTables(our_plan(chain.deployment, documents))
    addresses = Addresses(tables)
    return tables, addresses, fetch.Fetcher(chain.client, addresses).fetch(block, chain.client.final_block())


def cursor_of(engine: Engine) -> Cursor | None:
    with read(engine) as connection:
        return load_cursor(connection)


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def read_up_to(block: int, engine: Engine, chain: Chain, documents: Documents) -> None:
    """The rows tell all up to this block."""
    client = LyingClient.of(chain.client)
    client.final = block
    indexer = an_indexer(engine, chain, documents, client)
    while (at := cursor_of(engine)) is None or at.next_block <= block:
        indexer.step()


def run_until(stopped: Callable[[], bool], indexer: Indexer) -> None:
    """Runs the indexer's own loop until this holds."""
    stopping = threading.Event()
    thread = threading.Thread(target=indexer.run, args=(stopping,))
    thread.start()
    try:
        for _ in range(1_000):
            if stopped():
                return
            threading.Event().wait(0.02)
        raise AssertionError("it did not happen")
    finally:
        stopping.set()
        thread.join()


@pytest.fixture
def _all_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole story in one window, with each header."""
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 100_000)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_chain_of_another_id_is_refused(engine: Engine, chain: Chain, documents: Documents) -> None:
    elsewhere = Deployment(1, chain.deployment.first_block, chain.deployment.addresses)
    with pytest.raises(BadInput, match="chain 7710"):
        our_indexer(engine, chain.client, elsewhere, documents).step()
    assert cursor_of(engine) is None


def test_log_that_does_not_decode_stops_the_line_and_says_why(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 0)  # there the receipts show that the node has garbled it

    def garbled(logs: list[RawLog]) -> list[RawLog]:
        return [msgspec.structs.replace(log, data="0x") if log.block_number == hex(PROPOSED) else log for log in logs]

    read_up_to(PROPOSED - 1, engine, chain, documents)
    stands, rows = cursor_of(engine), digest_of(engine)
    client = LyingClient.of(chain.client)
    client.change_logs = garbled
    indexer = an_indexer(engine, chain, documents, client)
    run_until(lambda: status(engine, chain.client).last_error is not None, indexer)
    told = status(engine, chain.client)
    assert told.last_error is not None
    assert "RuleProposed" in told.last_error.sentence
    assert f"block {PROPOSED}" in told.last_error.sentence
    assert re.search(r"transaction 0x[0-9a-f]{64}", told.last_error.sentence)
    assert (told.last_error.next_block, told.ok) == (PROPOSED, False)
    assert (cursor_of(engine), digest_of(engine)) == (stands, rows)

    client.change_logs = lambda logs: logs  # the node was mended: the line goes on by itself
    run_until(lambda: status(engine, chain.client).ok and status(engine, chain.client).lag == 0, indexer)
    assert digest_of(engine) == fresh_digest()


@pytest.mark.usefixtures("_all_live")
@pytest.mark.parametrize("block", [20, 25])
def test_block_that_does_not_stand_on_its_parent_stops_the_line(
    engine: Engine, chain: Chain, documents: Documents, block: int
) -> None:
    read_up_to(19, engine, chain, documents)
    stands = cursor_of(engine)
    client = LyingClient.of(chain.client)
    client.header = with_parent(block, WRONG)
    with pytest.raises(BrokenEvidence, match=f"Block {block} does not stand"):
        an_indexer(engine, chain, documents, client).step()
    assert cursor_of(engine) == stands


def test_logs_of_another_block_than_the_header_stop_the_line(
    engine: Engine, chain: Chain, documents: Documents
) -> None:
    client = LyingClient.of(chain.client)
    client.header = with_hash(chain.client.head().number, WRONG)
    # Which check sees it first depends on where the last window begins.
    with pytest.raises(BrokenEvidence, match=r"not the one that its logs name|The hash of block"):
        an_indexer(engine, chain, documents, client).sync()


def test_chain_that_was_replaced_stops_the_line(engine: Engine, chain: Chain, documents: Documents) -> None:
    read_up_to(20, engine, chain, documents)
    client = LyingClient.of(chain.client)
    client.header = with_hash(20, WRONG)
    with pytest.raises(BrokenEvidence, match="Block 20 has another hash"):
        an_indexer(engine, chain, documents, client).step()


def test_chain_that_lost_blocks_stops_the_line(engine: Engine, chain: Chain, documents: Documents) -> None:
    read_up_to(20, engine, chain, documents)
    client = LyingClient.of(chain.client)
    client.final = 12
    with pytest.raises(BrokenEvidence, match="ends at block 12"):
        an_indexer(engine, chain, documents, client).step()


@pytest.mark.usefixtures("_all_live")
def test_logs_that_speak_of_what_no_log_made_stop_the_line(engine: Engine, chain: Chain, documents: Documents) -> None:
    """As when the first block in deployment.json is wrong."""
    late = Deployment(chain.deployment.chain_id, FOUNDED + 11, chain.deployment.addresses)
    with pytest.raises(BrokenEvidence, match=r"no log before it made.*RolesChanged"):
        our_indexer(engine, chain.client, late, documents).step()


def test_damaged_document_stops_the_line_until_it_is_put_back(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    file = documents.file_of(documents.put(OPEN))
    file.write_bytes(OPEN.replace(b"250", b"25000"))
    with pytest.raises(BrokenEvidence, match="damaged") as refusal:
        an_indexer(engine, chain, documents).sync()
    assert str(file) in str(refusal.value)
    assert status(engine, chain.client).rows["statement"] == 0
    documents.put(OPEN)
    an_indexer(engine, chain, documents).sync()
    assert digest_of(engine) == fresh_digest()


def test_opening_that_names_another_event_stops_the_line(engine: Engine, chain: Chain, documents: Documents) -> None:
    first, _ = openings_of(OPEN, "farm")
    file = documents.openings / f"{first.commitment}.json"
    file.write_text(file.read_text().replace('"position": 0', '"position": 1'))
    with pytest.raises(BrokenEvidence, match="does not have the hash") as refusal:
        an_indexer(engine, chain, documents).sync()
    assert str(documents.file_of(first.document)) in str(refusal.value)


def test_node_that_does_not_answer_is_told_by_status(engine: Engine, chain: Chain, documents: Documents) -> None:
    nobody = LyingClient("http://127.0.0.1:1", chain.client.profile)
    run_until(lambda: status(engine, nobody).last_error is not None, an_indexer(engine, chain, documents, nobody))
    told = status(engine, nobody)
    assert (told.ok, told.height, told.lag) == (False, None, None)


def test_stop_in_the_middle_of_a_window_writes_nothing(
    engine: Engine, chain: Chain, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_SPAN", 256)
    calls = iter([False] * 3)
    indexer = our_indexer(engine, chain.client, chain.deployment, documents, lambda: next(calls, True))
    with pytest.raises(Stopped):
        indexer.sync()
    assert status(engine, chain.client).rows["member"] == 0


def test_waiting_for_a_block_ends_with_what_holds_it_up(engine: Engine, chain: Chain, documents: Documents) -> None:
    with pytest.raises(Unavailable, match="has not begun"):
        await_block(engine, 5, 0)
    read_up_to(20, engine, chain, documents)
    await_block(engine, 20, 0)
    with pytest.raises(Unavailable, match="stands at block 20"):
        await_block(engine, 21, 0)


# --- the rows --------------------------------------------------------------------------------------------------------


def test_a_cursor_that_moved_meanwhile_writes_nothing(engine: Engine, chain: Chain, documents: Documents) -> None:
    read_up_to(20, engine, chain, documents)
    at, rows = cursor_of(engine), digest_of(engine)
    assert at is not None
    tables, addresses, window = all_from(15, chain, documents)
    old = Cursor(15, chain.client.block(14).hash)
    assert commit(engine, tables, old, window, decode(window.logs, addresses)) is None
    assert (cursor_of(engine), digest_of(engine)) == (at, rows)


def test_two_indexers_on_one_database_write_each_row_once(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_SPAN", 1)
    monkeypatch.setattr(fetch, "FEW_LOGS", 0)
    indexers = [an_indexer(engine, chain, documents) for _ in range(3)]
    threads = [threading.Thread(target=indexer.sync) for indexer in indexers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digest_of(engine) == fresh_digest()


@pytest.mark.usefixtures("_all_live")
def test_logs_seen_twice_change_nothing(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FIRST_SPAN", 100_000)  # all of them again
    an_indexer(engine, chain, documents).sync()
    tables, addresses, window = all_from(1, chain, documents)
    blocks = {number: BlockRow(number, each.hash, each.timestamp) for number, each in window.headers.items()}
    with write(engine) as connection:
        rows = Rows(connection, tables.plan.appended)
        derive(rows, tables.plan, decode(window.logs, addresses), blocks)
        rows.flush()
    assert digest_of(engine) == fresh_digest()


def test_node_that_refuses_large_answers_is_asked_for_less(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    def refuse(logs: list[RawLog]) -> list[RawLog]:
        if len(logs) > 12:
            raise NodeRefused("The node refused eth_getLogs: too many results", code=-32005, message="too many")
        return logs

    client = LyingClient.of(chain.client)
    client.change_logs = refuse
    an_indexer(engine, chain, documents, client).sync()
    assert digest_of(engine) == fresh_digest()


def test_cursor_is_placed_once(engine: Engine) -> None:
    with write(engine) as connection:
        place_cursor(connection, Cursor(5, WRONG))
        place_cursor(connection, Cursor(1, WRONG))
    assert cursor_of(engine) == Cursor(5, WRONG)


def test_status_counts_blocks_to_go_and_sealed_statements(engine: Engine, chain: Chain, documents: Documents) -> None:
    assert status(engine, chain.client).lag == chain.client.final_block() + 1
    read_up_to(FOUNDED + 17, engine, chain, documents)
    told = status(engine, chain.client)
    assert (told.lag, told.sealed, told.rows["statement"]) == (chain.client.final_block() - FOUNDED - 17, 1, 5)
    an_indexer(engine, chain, documents).sync()
    told = status(engine, chain.client)
    assert (told.ok, told.lag, told.chain_id) == (True, 0, 7710)
