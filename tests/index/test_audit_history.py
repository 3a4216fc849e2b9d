"""History is proven after it was read: what a node left out is found, stops the line, and is put right."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from index_world import Chain, say_again
from lying_client import LyingClient
from sqlalchemy import Engine, delete, select, update

from ledger.chain.client import RawLog
from ledger.errors import BrokenEvidence, NotFound, Unavailable
from ledger.index import audit_history, fetch
from ledger.index.audit_history import Audit, load_verified
from ledger.index.digest import digest
from ledger.index.finding import load_finding
from ledger.index.indexer import Indexer
from ledger.index.ours import our_indexer, our_plan
from ledger.index.raw_tables import RawTables
from ledger.index.repair import repair
from ledger.index.verify import verify
from ledger.store.database import read, write
from ledger.store.documents import Documents

Digest = Callable[[], str]


@pytest.fixture(autouse=True)
def _long_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story is short: most of it is history, in one window."""
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 5)
    monkeypatch.setattr(fetch, "FIRST_SPAN", 256)


@pytest.fixture
def tables(chain: Chain, documents: Documents) -> RawTables:
    return RawTables(our_plan(chain.deployment, documents))


@pytest.fixture
def audit(engine: Engine, chain: Chain, tables: RawTables) -> Audit:
    return Audit(engine, chain.client, tables)


@pytest.fixture
def dropped(chain: Chain) -> RawLog:
    """The log of a location: no other log rests on it, so no handler can notice that it is missing."""
    members = chain.client.logs(0, chain.client.final_block() - 20, [chain.deployment.address("Members")])
    return next(log for log in members if len(log.topics) == 3 and len(log.data) > 200)


@pytest.fixture
def deceived(engine: Engine, chain: Chain, documents: Documents, dropped: RawLog) -> Indexer:
    """The line, after its history was read from a node that left a log out."""
    client = LyingClient.of(chain.client)
    client.change_logs = lambda logs: [log for log in logs if log != dropped]
    our_indexer(engine, client, chain.deployment, documents).sync()
    return our_indexer(engine, chain.client, chain.deployment, documents)


def through(audit: Audit) -> None:
    while audit.step():
        pass


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def test_dropped_log_is_found_and_named(engine: Engine, audit: Audit, deceived: Indexer, dropped: RawLog) -> None:
    block = int(dropped.block_number, 16)
    with pytest.raises(BrokenEvidence, match=f"of block {block} .* has no row") as found:
        through(audit)
    assert dropped.transaction_hash in str(found.value)
    with read(engine) as connection:
        finding = load_finding(connection)
        told = load_verified(connection)
    assert finding is not None
    assert finding.block == block
    assert told.up_to is not None
    assert told.up_to < block
    assert told.unverified


def test_finding_stops_the_line_and_stays(engine: Engine, chain: Chain, audit: Audit, deceived: Indexer) -> None:
    with pytest.raises(BrokenEvidence):
        through(audit)
    assert not audit.step()
    before = digest_of(engine)
    say_again(chain)
    with pytest.raises(BrokenEvidence, match="suyuan index repair"):
        deceived.sync()
    assert digest_of(engine) == before


def test_repair_puts_the_log_in_place_and_the_line_goes_on(
    engine: Engine, chain: Chain, audit: Audit, deceived: Indexer, dropped: RawLog, fresh_digest: Digest, tmp_path: Path
) -> None:
    with pytest.raises(BrokenEvidence):
        through(audit)
    assert repair(engine, chain.client, deceived.tables, tmp_path / "scratch") == [int(dropped.block_number, 16)]
    say_again(chain)
    deceived.sync()
    through(audit)
    assert digest_of(engine) == fresh_digest()
    with read(engine) as connection:
        told = load_verified(connection)
    assert (told.up_to, told.unverified, told.finding) == (chain.client.final_block(), 0, None)


def test_repair_without_a_finding_changes_nothing(
    engine: Engine, chain: Chain, documents: Documents, tables: RawTables, tmp_path: Path
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    assert repair(engine, chain.client, tables, tmp_path / "scratch") == []


def test_verify_says_the_first_block_that_differs(
    engine: Engine, chain: Chain, tables: RawTables, deceived: Indexer, dropped: RawLog
) -> None:
    block = int(dropped.block_number, 16)
    found = verify(engine, chain.client, tables)
    assert found.difference is not None
    assert found.difference.block == block
    assert verify(engine, chain.client, tables, first=block + 1).difference is None
    assert verify(engine, chain.client, tables, last=block - 1).difference is None


def test_verify_finds_rows_that_were_changed_added_or_lost_by_hand(
    engine: Engine, chain: Chain, documents: Documents, tables: RawTables
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    told = verify(engine, chain.client, tables)
    assert told.difference is None
    assert told.receipts >= told.last - told.first
    for event in tables.events:
        with read(engine) as connection:
            row = connection.execute(select(event.table).limit(1)).mappings().first()
        if row is None:
            continue
        this = (event.table.c.block == row["block"], event.table.c.log_index == row["log_index"])
        for change in (
            update(event.table).where(*this).values(tx_hash=bytes(32)),
            update(event.table).where(*this).values(log_index=9_999),
            delete(event.table).where(event.table.c.block == row["block"]),
        ):
            with write(engine) as connection:
                connection.execute(change)
            found = verify(engine, chain.client, tables, first=row["block"], last=row["block"]).difference
            assert found is not None, event.table.name
            assert found.block == row["block"]


def test_verify_before_there_are_rows_is_a_sentence(engine: Engine, chain: Chain, tables: RawTables) -> None:
    with pytest.raises(NotFound, match="no rows yet"):
        verify(engine, chain.client, tables)


def test_audit_goes_to_the_head_and_counts_live_blocks_as_they_are(
    engine: Engine, chain: Chain, documents: Documents, audit: Audit
) -> None:
    assert not audit.step()
    line = our_indexer(engine, chain.client, chain.deployment, documents)
    line.sync()
    with read(engine) as connection:
        before = load_verified(connection)
    assert (before.up_to, before.unverified) == (None, None)
    audit.step()
    with read(engine) as connection:
        begun = load_verified(connection)
    assert begun.up_to is not None
    assert begun.unverified == chain.client.final_block() - 5 - begun.up_to
    through(audit)
    with read(engine) as connection:
        assert load_verified(connection).up_to == chain.client.final_block()
    asked = LyingClient.of(chain.client)
    asked.header = lambda header: pytest.fail("what was verified when it was written was asked for again")  # type: ignore[assignment]
    say_again(chain)
    line.sync()
    through(Audit(engine, asked, audit.tables))
    with read(engine) as connection:
        assert load_verified(connection).up_to == chain.client.final_block()


def test_sample_finds_a_row_that_was_lost_later(
    engine: Engine, chain: Chain, documents: Documents, audit: Audit, tables: RawTables
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    through(audit)
    audit.sample()
    with write(engine) as connection:
        for event in tables.events:
            connection.execute(delete(event.table))
    with pytest.raises(BrokenEvidence, match="has no row"):  # noqa: PT012 - some blocks hold no log of ours
        for _ in range(200):
            audit.sample()


def test_node_without_the_blocks_is_waited_for(
    engine: Engine, chain: Chain, documents: Documents, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    monkeypatch.setattr(audit_history, "prove_blocks", not_there)
    with pytest.raises(Unavailable, match="does not have block"):
        audit.step()


def not_there(*_: object) -> None:
    raise NotFound("The node has no such block.")


def test_audit_runs_beside_the_line_until_it_is_stopped(
    engine: Engine, chain: Chain, documents: Documents, audit: Audit
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    stopping = threading.Event()
    thread = threading.Thread(target=audit.run, args=(stopping,))
    thread.start()
    for _ in range(500):
        with read(engine) as connection:
            if load_verified(connection).up_to == chain.client.final_block():
                break
        threading.Event().wait(0.02)
    stopping.set()
    thread.join()
    with read(engine) as connection:
        assert load_verified(connection).up_to == chain.client.final_block()
