"""What is followed or how it is handled has changed since the rows were made: they are made again, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from index_world import Chain
from sqlalchemy import Engine, delete, select, update

from ledger.chain.client import Client
from ledger.index.derive import never
from ledger.index.digest import digest
from ledger.index.handler_code import tables_of
from ledger.index.handlers import location_assigned, order_placed
from ledger.index.indexer import Outdated
from ledger.index.ours import our_indexer, our_plan
from ledger.index.raw_tables import FOLLOWED, RawTables
from ledger.index.rebuild import depending_on
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import administration, entry, feed, handler, location, order, payout, raw_table

Digest = Callable[[], str]


@pytest.fixture
def indexed(engine: Engine, chain: Chain, documents: Documents) -> Engine:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    return engine


@pytest.fixture
def tables(chain: Chain, documents: Documents) -> RawTables:
    return RawTables(our_plan(chain.deployment, documents))


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


def test_other_addresses_stop_the_line_where_nobody_may_fetch_again(
    indexed: Engine, chain: Chain, documents: Documents
) -> None:
    with write(indexed) as connection:
        connection.execute(update(raw_table).where(raw_table.c.name == FOLLOWED).values(shape="{}"))
    with pytest.raises(Outdated, match="have changed"):
        our_indexer(indexed, chain.client, chain.deployment, documents).step()


def test_rows_of_other_addresses_are_fetched_again(
    indexed: Engine, chain: Chain, documents: Documents, tables: RawTables, tmp_path: Path, fresh_digest: Digest
) -> None:
    """As on a home that an older version has left without raw rows."""
    with write(indexed) as connection:
        connection.execute(delete(raw_table))
        for event in tables.events:
            event.table.drop(connection)
        connection.execute(delete(payout))
    our_indexer(indexed, chain.client, chain.deployment, documents, scratch=tmp_path / "rebuild").sync()
    assert digest_of(indexed) == fresh_digest()


def test_changed_handler_makes_its_own_rows_again_without_a_node_and_no_others(
    indexed: Engine, chain: Chain, documents: Documents, tmp_path: Path
) -> None:
    before = digest_of(indexed)
    with read(indexed) as connection:
        told = connection.execute(select(feed).where(feed.c.kind == "location_assigned")).first()
    assert told is not None
    with write(indexed) as connection:
        connection.execute(update(handler).where(handler.c.event == "LocationAssigned").values(code="older"))
        connection.execute(update(location).values(name="older"))
        connection.execute(update(feed).where(feed.c.kind == "location_assigned").values(data="older"))
        connection.execute(update(order).values(number="not touched"))
    away = Client("http://127.0.0.1:1", chain.client.profile)
    indexer = our_indexer(indexed, away, chain.deployment, documents, never, scratch=tmp_path / "rebuild")
    with pytest.raises(Exception, match="does not answer"):
        indexer.step()
    with write(indexed) as connection:
        assert set(connection.execute(select(order.c.number)).scalars()) == {"not touched"}
        assert connection.execute(select(feed).where(feed.c.kind == "location_assigned")).first() == told
        assert "older" not in connection.execute(select(location.c.name)).scalars().all()
        assert "older" not in connection.execute(select(handler.c.code)).scalars().all()
    assert digest_of(indexed) != before  # for what was changed by hand and does not depend on the handler


def test_handlers_that_share_a_table_are_run_together(tables: RawTables) -> None:
    part = depending_on({"OrderPaid"}, tables)
    assert part is not None
    assert {event.columns.name for event in part.events} >= {
        "OrderPlaced",
        "OrderPaid",
        "OrderDelivered",
        "OrderSettled",
    }
    assert order in part.tables
    assert location not in part.tables
    assert feed in part.by_log


def test_handler_rests_on_the_tables_of_what_it_calls() -> None:
    assert tables_of(location_assigned.apply) == {administration, location, feed}
    assert {order, feed} <= tables_of(order_placed.apply)
    assert entry not in tables_of(order_placed.apply)
