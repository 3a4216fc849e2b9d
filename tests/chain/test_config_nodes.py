"""The nodes in config.json: what cannot be meant is refused with what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.config import Home, Settings
from ledger.errors import BadInput


def written(path: Path, **settings: Any) -> Home:
    (path / "config.json").write_text(json.dumps(settings))
    return Home(path)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rpc_urls": "http://127.0.0.1:1"}, "no list of addresses"),
        ({"rpc_urls": ["http://127.0.0.1:1", 7]}, "no list of addresses"),
        ({"rpc_urls": ["http://127.0.0.1:1", "http://127.0.0.1:1"]}, "names a node twice"),
        ({"lag_blocks": -1}, "no number of blocks"),
        ({"rpc_urls": ["http://a", "http://b", "http://c", "http://d"], "quorum": 2}, "decides nothing"),
        ({"quorum": 2}, "decides nothing"),
    ],
)
def test_nodes_that_cannot_be_meant_are_refused(tmp_path: Path, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Settings.load(written(tmp_path, **settings))


def test_several_nodes_take_the_place_of_the_one(tmp_path: Path) -> None:
    assert Settings.load(written(tmp_path, rpc_url="http://a")).nodes == ("http://a",)
    home = written(tmp_path, rpc_url="http://a", rpc_urls=["http://b", "http://c"], quorum=2)
    settings = Settings.load(home)
    assert settings.nodes == ("http://b", "http://c")
    settings.save(home)
    assert Settings.load(home) == settings
