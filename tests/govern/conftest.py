"""One consortium for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from govern_world import World, a_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("consortium")) as running:
        yield running
