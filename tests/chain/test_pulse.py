"""The pulse: what a process that lives on sees of its chain is kept as alarms of the home, until it is over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from chain_world import World, free_port
from embedded_node import until
from sqlalchemy import Engine

from ledger.chain.alerts import alerts
from ledger.chain.client import Client
from ledger.chain.growth import AGREE_SECONDS, BLOCKS_AGREE, Growth, grown
from ledger.chain.node_health import NodeHealth
from ledger.chain.profiles import EMBEDDED
from ledger.chain.pulse import watch
from ledger.config import Home
from ledger.store.alarms import Alarm, alarms, clear_alarm, raise_alarm


def blocks(count: int, offset: float, *, apart: float = 1.0, step: int = 1) -> Growth:
    """Looks a second apart, each at a new block whose time is that of the validators' clock."""
    growth, now = Growth(), 10_000.0
    for number in range(count + 1):
        block_time = int(now - offset)
        growth = grown(growth, [NodeHealth("n", height=1 + number * step, block_time=block_time)], now)
        now += apart
    return growth


@pytest.mark.parametrize("offset", [3600.0, -90.0, 0.0])
def test_blocks_that_agree_tell_by_how_much_the_clock_is_wrong(offset: float) -> None:
    assert blocks(BLOCKS_AGREE - 1, offset).clock_offset is None
    assert blocks(BLOCKS_AGREE, offset).clock_offset == offset


def test_blocks_that_are_caught_up_with_tell_nothing_of_the_clock() -> None:
    growth = Growth()
    for number in range(8):
        old = NodeHealth("n", height=1 + number * 50, block_time=1_000 + number * 50)
        growth = grown(growth, [old], 2_000.0 + number)
    assert max(growth.offsets) - min(growth.offsets) > AGREE_SECONDS
    assert growth.clock_offset is None


def test_blocks_that_came_while_nobody_looked_tell_nothing_of_the_clock() -> None:
    growth = blocks(6, 0.0, apart=60.0)
    assert growth.risen_at > 0
    assert growth.clock_offset is None


def test_an_alarm_stands_while_the_node_is_away_and_goes_with_it(
    world: World, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.chain.pulse.LOOK_SECONDS", 0.02)
    home, stop = Home(tmp_path), threading.Event()
    raise_alarm(home, Alarm("api", "clock", 5, "of an earlier process"))
    away = Client(f"http://127.0.0.1:{free_port()}", EMBEDDED)
    looking = threading.Thread(target=watch, args=(engine, away, home, "api", stop))
    looking.start()
    try:
        until(lambda: [alarm.kind for alarm in alarms(home)] == ["no_node"])
        near = Client(world.settings.rpc_url, EMBEDDED)
        near.nodes.look()
        seen = alerts(engine, near, 100.0, home=home)
        assert [alert.kind for alert in seen] == ["no_node"]
        assert seen[0].sentence.startswith("The api has seen: ")
        away.nodes._nodes = near.nodes._nodes  # it comes back
        until(lambda: not alarms(home))
    finally:
        stop.set()
        looking.join()
        away.close()


def test_alarms_are_kept_by_process_and_kind(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert alarms(home) == []
    for process in ("api", "indexer"):
        raise_alarm(home, Alarm(process, "clock", 5, f"{process} is wrong"))
    assert [alarm.sentence for alarm in alarms(home)] == ["api is wrong", "indexer is wrong"]
    clear_alarm(home, "api", "clock")
    clear_alarm(home, "api", "clock")
    assert alarms(home) == [Alarm("indexer", "clock", 5, "indexer is wrong")]
