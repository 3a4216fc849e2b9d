"""Fixtures of the journeys: one running ledger a module."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from journey_world import World, a_running_ledger


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_running_ledger(tmp_path_factory.mktemp("journey")) as running:
        yield running


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Asks until the answer is true, and returns it; fails after a minute."""

    def ask(question: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 60
        while True:
            answer = question()
            if answer:
                return answer
            assert time.monotonic() < deadline, "it did not come true within a minute"
            time.sleep(0.1)

    return ask
