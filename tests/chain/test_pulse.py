"""The pulse: whether blocks come, and whether this process's clock agrees with the validators'."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest

from ledger.chain.client import BlockHeader, Client
from ledger.chain.pulse import BLOCKS_AGREE, SILENT_SECONDS, Pulse, watch
from ledger.config import Home
from ledger.errors import Unavailable
from ledger.store.alarms import Alarm, alarms, clear_alarm, raise_alarm


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def a_head(number: int, timestamp: int = 0) -> BlockHeader:
    known: dict[str, Any] = dict.fromkeys(BlockHeader.__struct_fields__, "0x")
    return BlockHeader(**{**known, "number": number, "timestamp": timestamp})


def test_a_chain_of_even_blocks_that_stops_is_silent_until_a_block_comes() -> None:
    clock = Clock()
    pulse = Pulse(1.0, clock)
    pulse.note(a_head(7), 0)
    clock.now += SILENT_SECONDS
    pulse.note(a_head(7), 0)  # the node answers, and has no new block
    assert pulse.silent_seconds() is None
    clock.now += 1
    assert pulse.silent_seconds() == SILENT_SECONDS + 1
    pulse.note(a_head(8), 0)
    assert pulse.silent_seconds() is None


def test_a_chain_whose_blocks_come_on_demand_is_silent_only_when_its_node_is() -> None:
    clock = Clock()
    pulse = Pulse(None, clock)
    for _ in range(3):
        clock.now += SILENT_SECONDS
        pulse.note(a_head(7), 0)
    assert pulse.silent_seconds() is None
    clock.now += SILENT_SECONDS + 1
    assert pulse.silent_seconds() is not None


@pytest.mark.parametrize("offset", [3600.0, -3600.0])
def test_a_clock_that_is_an_hour_off_is_told_from_the_blocks_that_arrive(offset: float) -> None:
    pulse = Pulse(1.0)
    for number in range(BLOCKS_AGREE + 1):
        assert pulse.wrong_clock_seconds() is None
        pulse.note(a_head(number, 1_000 + number), 1_000 + number + offset)
    assert pulse.wrong_clock_seconds() == offset


def test_a_node_that_catches_up_is_no_wrong_clock() -> None:
    pulse = Pulse(1.0)
    for number in range(20):
        pulse.note(a_head(number * 50, 1_000 + number * 50), 2_000 + number)
        assert pulse.wrong_clock_seconds() is None


def test_blocks_that_come_on_demand_tell_nothing_of_the_clock() -> None:
    pulse = Pulse(None)
    for number in range(20):
        pulse.note(a_head(number, 1_000), 5_000)
    assert pulse.wrong_clock_seconds() is None


class SilentNode:
    """Stands for a client whose node is away."""

    def head(self) -> BlockHeader:
        raise Unavailable("The node does not answer.")


def test_silence_is_an_alarm_of_the_home_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.chain.pulse.LOOK_SECONDS", 0.01)
    home, clock, stop = Home(tmp_path), Clock(), threading.Event()
    raise_alarm(home, Alarm("api", "clock", 1, "left by an earlier process"))
    pulse = Pulse(1.0, clock)
    looking = threading.Thread(target=watch, args=(pulse, cast(Client, SilentNode()), home, "api", stop))
    looking.start()
    try:
        clock.now += SILENT_SECONDS + 1
        _await(lambda: [alarm.kind for alarm in alarms(home)] == ["chain"])
        (alarm,) = alarms(home)
        assert alarm.process == "api"
        assert "cannot be confirmed yet" in alarm.sentence
        pulse.note(a_head(1), 0)
        _await(lambda: not alarms(home))
    finally:
        stop.set()
        looking.join()


def test_alarms_are_kept_by_process_and_kind(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert alarms(home) == []
    for process in ("indexer", "api"):
        raise_alarm(home, Alarm(process, "clock", 5, f"{process} is wrong"))
        raise_alarm(home, Alarm(process, "clock", 5, f"{process} is wrong"))
    assert [alarm.sentence for alarm in alarms(home)] == ["api is wrong", "indexer is wrong"]
    clear_alarm(home, "api", "clock")
    clear_alarm(home, "api", "clock")
    assert alarms(home) == [Alarm("indexer", "clock", 5, "indexer is wrong")]


def _await(question: Any) -> None:
    deadline = time.monotonic() + 20
    while not question():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)
