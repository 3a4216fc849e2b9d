"""One founded ledger with its homes for all tests of this folder that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import cluster
from homes_world import Homes, three_homes

__all__ = ["cluster"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with three_homes(tmp_path_factory.mktemp("homes")) as made:
        yield made
