"""One chain with the whole story for all tests of this folder, and an empty migrated database for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import cluster, database_url
from index_world import Chain, a_chain, tell_story
from sqlalchemy import Engine

from ledger.index.digest import digest
from ledger.index.ours import our_indexer
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema

__all__ = ["cluster", "database_url"]


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chain, Path]]:
    folder = tmp_path_factory.mktemp("told")
    with a_chain(folder / "chain.sqlite") as chain:
        tell_story(chain, Documents(folder / "documents"))
        yield chain, folder / "documents"


@pytest.fixture
def chain(told: tuple[Chain, Path]) -> Chain:
    """Tests may add to it."""
    return told[0]


@pytest.fixture
def documents(told: tuple[Chain, Path], tmp_path: Path) -> Documents:
    """A copy of the story's documents."""
    return Documents(Path(shutil.copytree(told[1], tmp_path / "documents")))


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "ledger.sqlite"
    made = open_engine(f"sqlite:///{file}")
    ensure_schema(made)
    made.dispose()
    return file


@pytest.fixture
def engine(database_url: str, empty_tables: Path) -> Iterator[Engine]:
    if database_url.startswith("sqlite"):
        shutil.copy(empty_tables, database_url.removeprefix("sqlite:///"))
    opened = open_engine(database_url)
    ensure_schema(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def fresh_digest(chain: Chain, documents: Documents, empty_tables: Path, tmp_path: Path) -> Callable[[], str]:
    """The digest of a sync from nothing, on SQLite, of what the chain and the store hold now."""

    def fresh() -> str:
        opened = open_engine(f"sqlite:///{shutil.copy(empty_tables, tmp_path / 'fresh.sqlite')}")
        our_indexer(opened, chain.client, chain.deployment, documents).sync()
        with read(opened) as connection:
            return digest(connection)

    return fresh
