"""What was sealed opens when its document arrives, and then the rows are those of a rebuild."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from index_world import (
    FALSE_MANIFEST,
    KEYS,
    MANIFEST,
    OPEN,
    SEALED,
    Chain,
    a_document,
    a_manifest,
    commit_items,
    keep,
    openings_of,
    say,
)
from sqlalchemy import Engine, select

from ledger.chain.client import Client
from ledger.chain.profiles import EMBEDDED
from ledger.errors import BrokenEvidence
from ledger.index.continuity import Cursor
from ledger.index.digest import digest
from ledger.index.heal import heal
from ledger.index.journal import roll_back
from ledger.index.ours import our_indexer, our_plan
from ledger.index.raw_tables import RawTables
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema
from ledger.store.schema import event, event_item, feed, item, items_committed, statement
from ledger.trace.item_codes import write_manifest

#: Said first by the packer and then by the farm, in documents that differ beside the event.
TWICE_PACKER, TWICE_FARM = a_document("TWICE1", day=3), a_document("TWICE1", "ALSO1", day=3)


@pytest.fixture(scope="session", autouse=True)
def said_twice(told: tuple[Chain, Path]) -> None:
    say(told[0], "packer", TWICE_PACKER)
    say(told[0], "farm", TWICE_FARM)


@pytest.fixture
def empty(tmp_path: Path) -> Documents:
    """A store that holds nothing yet."""
    return Documents(tmp_path / "documents")


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def arrivals(store: Documents) -> list[Callable[[], object]]:
    """Each document's way into the store."""
    return [
        lambda: keep(store, OPEN, "packer"),
        lambda: keep(store, OPEN, "farm"),
        lambda: keep(store, SEALED, "packer"),
        lambda: keep(store, TWICE_FARM, "farm"),
        lambda: store.put(write_manifest(MANIFEST)),
        lambda: keep(store, TWICE_PACKER, "packer"),
        lambda: store.put(b"no manifest"),
    ]


def healed(engine: Engine, chain: Chain, documents: Documents) -> int:
    return heal(engine, documents, RawTables(our_plan(chain.deployment, documents)))


ORDERS = ([0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 1, 5, 0, 6, 2, 4])


@pytest.mark.parametrize("order", ORDERS)
def test_rows_do_not_depend_on_the_order_of_arrival(
    engine: Engine, chain: Chain, empty: Documents, order: list[int]
) -> None:
    indexer = our_indexer(engine, chain.client, chain.deployment, empty)
    indexer.sync()
    for number in order:
        arrivals(empty)[number]()
        healed(engine, chain, empty)
    assert healed(engine, chain, empty) == 0
    assert digest_of(engine) == digest_of_sync(chain, empty)


def digest_of_sync(chain: Chain, documents: Documents) -> str:
    """Of a sync from nothing, with all documents there."""
    opened = open_engine("sqlite://")
    ensure_schema(opened)
    our_indexer(opened, chain.client, chain.deployment, documents).sync()
    return digest_of(opened)


def test_sealed_statement_has_who_and_when_and_nothing_else(engine: Engine, chain: Chain, empty: Documents) -> None:
    our_indexer(engine, chain.client, chain.deployment, empty).sync()
    with read(engine) as connection:
        rows = connection.execute(select(statement)).all()
        assert rows
        assert all(row.recorded_at > 0 and row.event_hash is row.salt is row.document is None for row in rows)
        assert connection.execute(select(event)).all() == []
        assert connection.execute(select(item)).all() == []


def test_running_indexer_opens_what_arrives(engine: Engine, chain: Chain, documents: Documents) -> None:
    indexer = our_indexer(engine, chain.client, chain.deployment, documents)
    indexer.sync()
    keep(documents, SEALED, "packer")
    assert indexer.step()
    assert not indexer.step()
    (opening,) = openings_of(SEALED, "packer")
    with read(engine) as connection:
        row = connection.execute(select(statement).where(statement.c.commitment == opening.commitment)).one()
        lots = connection.execute(
            select(event_item.c.lot_key).where(event_item.c.event_hash == opening.event_hash)
        ).scalars()
        told = connection.execute(
            select(feed.c.lot_key).where(feed.c.block == row.block, feed.c.log_index == row.log_index)
        ).scalar_one()
        assert list(lots) == [told] == ["00860009999923/SEALED1"]


def test_commitment_copied_by_another_member_stays_sealed(engine: Engine, chain: Chain, documents: Documents) -> None:
    """It knew the digits on the chain, not what they commit to: no second witness."""
    first, _ = openings_of(OPEN, "farm")
    chain.act("merchant", "Statements", "record", [bytes.fromhex(first.commitment)])
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        rows = connection.execute(select(statement).where(statement.c.commitment == first.commitment)).all()
    assert {row.member: row.event_hash for row in rows} == {1: first.event_hash, 4: None}


def test_event_is_shown_from_the_document_of_its_first_statement(
    engine: Engine, chain: Chain, empty: Documents
) -> None:
    our_indexer(engine, chain.client, chain.deployment, empty).sync()
    (packers,), farms = openings_of(TWICE_PACKER, "packer"), openings_of(TWICE_FARM, "farm")
    assert packers.event_hash == farms[0].event_hash
    for document, name in ((TWICE_FARM, "farm"), (TWICE_PACKER, "packer")):
        keep(empty, document, name)
        healed(engine, chain, empty)
        with read(engine) as connection:
            shown = connection.execute(select(event.c.block).where(event.c.event_hash == packers.event_hash)).scalar()
            said = connection.execute(
                select(statement.c.block).where(
                    statement.c.event_hash == packers.event_hash, statement.c.member == (1 if name == "farm" else 2)
                )
            ).scalar()
        assert shown == said


def test_damaged_arrival_changes_nothing(engine: Engine, chain: Chain, documents: Documents) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    before = digest_of(engine)
    keep(documents, SEALED, "packer")
    keep(documents, TWICE_FARM, "farm")
    documents.file_of(openings_of(SEALED, "packer")[0].document).write_bytes(b"{}")
    with pytest.raises(BrokenEvidence, match="damaged"):
        healed(engine, chain, documents)
    assert digest_of(engine) == before


def test_false_manifest_is_a_fault_of_its_lot_and_stops_nobody(
    engine: Engine, chain: Chain, documents: Documents
) -> None:
    other = a_manifest("OTHER1", 3)
    digest_of_other = documents.put(write_manifest(other))
    same_lot = a_manifest(FALSE_MANIFEST.lot, 3)
    roots = {
        commit_items(chain, a_manifest("FALSE2", 3), digest=digest_of_other): "not 00860009999923/FALSE2",
        commit_items(chain, a_manifest(same_lot.lot, 4), digest=documents.put(write_manifest(same_lot))): "3 serials",
        commit_items(
            chain, a_manifest(same_lot.lot, 3), digest=documents.put(write_manifest(same_lot))
        ): "make the root",
    }
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        rows = connection.execute(select(items_committed.c.root, items_committed.c.fault)).all()
        faults = {row.root: row.fault for row in rows}
        assert all(fault in faults[root] for root, fault in roots.items())
        filled = connection.execute(select(item.c.serial).order_by(item.c.position)).scalars().all()
    assert tuple(filled) == MANIFEST.serials


def test_document_that_arrives_before_its_block_is_final_stays_when_blocks_are_replaced(
    engine: Engine, chain: Chain, documents: Documents
) -> None:
    """Rolled back to before the statement and forward again, and to just behind it."""
    say(chain, "packer", document := a_document("LATE1", day=9))
    chain.act("farm", "Members", "revokeGrant", (1, KEYS["platform"].address, 1, 2**40, b"\x07" * 32))
    head = chain.client.head().number
    forking = Client(chain.client.url, replace(EMBEDDED, finality_depth=20))
    indexer = our_indexer(engine, forking, chain.deployment, documents)
    indexer.sync()
    keep(documents, document, "packer")
    assert healed(engine, chain, documents) == 1
    whole = digest_of(engine)
    assert whole == digest_of_sync(chain, documents)
    for ancestor in (head - 1, head - 10):
        with write(engine) as connection:
            roll_back(connection, indexer.tables, Cursor(ancestor + 1, chain.client.block(ancestor).hash))
        our_indexer(engine, forking, chain.deployment, documents).sync()
        assert digest_of(engine) == whole
