"""`suyuan status`: one screen and an exit status, for a home whose chain runs and for one whose node is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from chain_world import World, free_port

from ledger.cli.main import run
from ledger.config import Home


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command sends what is logged to the standard error of its own time."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def home(world: World, tmp_path: Path) -> Home:
    """The world's settings in a home of its own, whose API does not run."""
    home = Home(tmp_path / "home")
    replace(world.settings, api_url=f"http://127.0.0.1:{free_port()}").save(home)
    world.deployment.save(home)
    return home


def test_a_node_that_is_away_is_told_with_what_it_means(
    home: Home, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    replace(world.settings, rpc_urls=(world.settings.rpc_url, gone)).save(home)
    assert run(["status", "--home", str(home.path)]) == 1
    screen = capsys.readouterr().out
    assert "down" in screen
    assert f"{gone}" in screen
    assert "2 must agree on what decides about money" in screen
    replace(world.settings, rpc_url=gone).save(home)
    assert run(["status", "--home", str(home.path)]) == 1
    assert "kept, and confirmed once the chain goes on" in capsys.readouterr().out


def test_a_node_of_another_network_is_told(home: Home, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    replace(world.deployment, genesis="0x" + "ab" * 32).save(home)
    assert run(["status", "--home", str(home.path)]) == 1
    assert "belongs to another network" in capsys.readouterr().out


def test_where_all_is_well_it_says_so_in_one_screen(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--home", str(home.path)]) == 0
    screen = capsys.readouterr().out
    assert len(screen.splitlines()) < 25
    for words in ("chain     7710 (embedded), block", "healthy", "nothing waits", "alerts    none"):
        assert words in screen
    assert run(["status", "--json", "--home", str(home.path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert told["nodes"][0]["state"] == "healthy"
