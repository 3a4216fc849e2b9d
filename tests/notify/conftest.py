"""A database with a feed, and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import trustme
from databases import cluster, database_url
from feed_scene import Feed
from receiver import Receiver, receiving

from ledger.store.database import open_engine
from ledger.store.migrate import ensure_schema

__all__ = ["cluster", "database_url"]


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def receiver(ca: trustme.CA) -> Iterator[Receiver]:
    with receiving(ca) as running:
        yield running


@pytest.fixture
def feed(database_url: str) -> Iterator[Feed]:
    engine = open_engine(database_url)
    ensure_schema(engine)
    yield Feed(engine)
    engine.dispose()
