"""A database with a small consortium in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import cluster, database_url, engine
from many_calls import PROGRAM, a_node
from row_builders import a_consortium
from sqlalchemy import Connection

from ledger.store.database import open_engine, write
from ledger.store.documents import Documents
from ledger.store.schema import metadata

__all__ = ["cluster", "database_url", "engine"]


@pytest.fixture(scope="session")
def consortium_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The members and the rule of `row_builders`, made once."""
    path = tmp_path_factory.mktemp("consortium") / "ledger.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with write(engine) as connection:
        a_consortium(connection)
    engine.dispose()
    return path


@pytest.fixture
def connection(consortium_file: Path, tmp_path: Path) -> Iterator[Connection]:
    """One write transaction on a real database of its own, with a consortium in it."""
    path = tmp_path / "ledger.sqlite"
    shutil.copy(consortium_file, path)
    engine = open_engine(f"sqlite:///{path}")
    with write(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "documents")


@pytest.fixture
def node() -> Iterator[str]:
    """The address of a fast EVM. Skipped in sight where anvil is not installed."""
    if not PROGRAM.exists():
        pytest.skip("anvil is missing (contracts/node_modules: ./scripts/test --all installs it)")
    with a_node() as url:
        yield url
