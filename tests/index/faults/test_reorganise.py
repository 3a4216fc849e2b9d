"""Blocks that are replaced leave no trace in the rows: they are those of a sync from nothing, at every depth."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from anvil_node import DEPTH, FORKING, an_anvil_chain, grow, replace_blocks
from fault_world import an_indexer, another_process, digest_of, running, sell, synced_digest, until
from index_world import Chain, tell_story
from sqlalchemy import Engine, select

from ledger.errors import BrokenEvidence, Unavailable
from ledger.index.continuity import load_cursor
from ledger.store.database import read
from ledger.store.documents import Documents
from ledger.store.schema import reorganisation

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chain, Documents]]:
    """The story on a chain that takes blocks back, none of which a test takes back."""
    documents = Documents(tmp_path_factory.mktemp("forking") / "documents")
    with an_anvil_chain(FORKING) as chain:
        tell_story(chain, documents)
        chain.client.request("anvil_mine", hex(DEPTH))
        yield chain, documents


@pytest.fixture
def chain(forking: tuple[Chain, Documents]) -> Chain:
    forking[0].forget_nonces()
    return forking[0]


@pytest.fixture
def documents(forking: tuple[Chain, Documents]) -> Documents:
    return forking[1]


def at_head(engine: Engine, chain: Chain) -> bool:
    with read(engine) as connection:
        at = load_cursor(connection)
    head = chain.client.head()
    return at is not None and (at.next_block, at.block_hash) == (head.number + 1, head.hash)


def fresh(chain: Chain, documents: Documents, tmp_path: Path) -> str:
    return synced_digest(f"sqlite:///{tmp_path / f'fresh{time.monotonic_ns()}.sqlite'}", chain, documents)


def test_replaced_blocks_below_a_final_one_stop_the_line(engine: Engine, chain: Chain, documents: Documents) -> None:
    grow(chain, DEPTH + 20)
    line = an_indexer(engine, chain, documents)
    line.sync()
    before = digest_of(engine)
    chain.client.request("anvil_reorg", DEPTH + 20, [])  # down to the first of the orders
    with pytest.raises(BrokenEvidence, match="was final"):
        line.sync()
    assert digest_of(engine) == before


def test_node_that_is_behind_is_waited_for(engine: Engine, chain: Chain, documents: Documents) -> None:
    grow(chain, 5)
    line = an_indexer(engine, chain, documents)
    line.sync()
    before = digest_of(engine)
    chain.client.request("anvil_rollback", 2)
    chain.forget_nonces()
    with pytest.raises(Unavailable, match="behind"):
        line.sync()
    assert digest_of(engine) == before


@pytest.mark.parametrize("depth", [1, 2, 3, 7, 20, 33, DEPTH - 1, DEPTH])
def test_rows_are_those_of_a_sync_from_nothing_at_each_depth(
    engine: Engine, chain: Chain, documents: Documents, tmp_path: Path, depth: int
) -> None:
    line = an_indexer(engine, chain, documents)
    for seed in (1, 2):
        grow(chain, DEPTH)
        line.sync()
        replace_blocks(chain, depth, random.Random(seed * 100 + depth))
        line.sync()
        assert at_head(engine, chain)
        assert digest_of(engine) == fresh(chain, documents, tmp_path)
    with read(engine) as connection:
        assert len(connection.execute(select(reorganisation)).all()) == 2


def test_reorganisations_at_random_points_while_it_follows(
    engine: Engine, chain: Chain, documents: Documents, tmp_path: Path
) -> None:
    chance = random.Random(3)
    grow(chain, DEPTH)
    with running(an_indexer(engine, chain, documents)):
        for _ in range(12):
            grow(chain, chance.randint(1, 20))
            time.sleep(chance.uniform(0, 0.1))
            replace_blocks(chain, chance.randint(1, 12), chance)
        sell(chain)
        until(lambda: at_head(engine, chain))
    assert digest_of(engine) == fresh(chain, documents, tmp_path)


def test_indexer_killed_while_it_reorganises(
    engine: Engine, chain: Chain, documents: Documents, tmp_path: Path
) -> None:
    chance = random.Random(4)
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    for _ in range(10):
        grow(chain, 10)
        with another_process(url, chain, documents):
            replace_blocks(chain, chance.randint(1, 10), chance)
            time.sleep(chance.uniform(0, 0.15))
    line = an_indexer(engine, chain, documents)
    line.sync()
    assert at_head(engine, chain)
    assert digest_of(engine) == fresh(chain, documents, tmp_path)
