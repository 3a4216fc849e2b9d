"""kill -9 of an indexer, of one of two, of the database: nothing is lost and nothing is there twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from fault_world import an_indexer, another_process, await_head, digest_of, kill_indexer, running, sell, until
from index_world import Chain
from postgresql_cluster import Cluster, postgresql_cluster
from sqlalchemy import Engine

from ledger.index import fetch
from ledger.index.continuity import load_cursor
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

Digest = Callable[[], str]


@pytest.fixture
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many transactions: many moments to die in."""
    monkeypatch.setattr(fetch, "FIRST_SPAN", 2)
    monkeypatch.setattr(fetch, "FEW_LOGS", 0)


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("times", [8, pytest.param(20, marks=pytest.mark.heavy)])
def test_indexer_killed_again_and_again(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest, times: int
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    sold = kill_indexer(url, chain, documents, times, random.Random(11))
    assert sold >= times
    an_indexer(engine, chain, documents).sync()
    assert digest_of(engine) == fresh_digest()


def test_of_two_indexers_the_other_takes_over(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    url = engine.url.render_as_string(hide_password=False)

    def stands() -> int:
        with read(engine) as connection:
            at = load_cursor(connection)
        return at.next_block if at else 0

    with another_process(url, chain, documents):
        with another_process(url, chain, documents):
            sell(chain)
            until(lambda: stands() > chain.deployment.first_block)
        # One of the two is dead now; the other goes on by itself.
        sell(chain)
        await_head(engine, chain)
    assert digest_of(engine) == fresh_digest()


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """One that may die."""
    with postgresql_cluster() as started:
        yield started


@pytest.mark.heavy
def test_postgresql_killed_five_times(
    own_cluster: Cluster, chain: Chain, documents: Documents, fresh_digest: Digest
) -> None:
    engine = open_engine(own_cluster.new_database())
    ensure_schema(engine)
    chance = random.Random(7)
    with running(an_indexer(engine, chain, documents)):
        for _ in range(5):
            for _ in range(chance.randint(1, 4)):
                sell(chain)
            own_cluster.kill()
            sell(chain)
            own_cluster.start()
        await_head(engine, chain)
    assert digest_of(engine) == fresh_digest()
    engine.dispose()
