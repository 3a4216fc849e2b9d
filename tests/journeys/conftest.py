"""Fixtures of the journeys: one running ledger a module and chain."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engine_here import require_engine
from journey_world import World, a_running_ledger, a_running_ledger_on_the_network


@pytest.fixture(scope="module", params=["embedded", pytest.param("network", marks=pytest.mark.heavy)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The embedded chain; and the same journey on a network of four validators."""
    if request.param == "network":
        require_engine()
    make = a_running_ledger if request.param == "embedded" else a_running_ledger_on_the_network
    with make(tmp_path_factory.mktemp("journey")) as running:
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
