"""Fixtures: an empty database on SQLite, and the same on a PostgreSQL cluster of the tests' own (heavy)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_cluster import Cluster, postgresql_cluster
from sqlalchemy import Engine

from ledger.store.database import open_engine


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with postgresql_cluster() as started:
        yield started


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.heavy)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    started: Cluster = request.getfixturevalue("cluster")
    return started.new_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()
