"""The database is a view: whoever loses it rebuilds it from the chain and the document store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.cli.main import run
from ledger.operate import serve
from ledger.operate.services import services_of


@pytest.fixture(autouse=True)
def _instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain makes its blocks at once."""
    monkeypatch.setattr(serve, "services_of", lambda *given, **named: services_of(*given, **{**named, "instant": True}))


@pytest.mark.heavy
def test_a_lost_database_is_rebuilt_with_the_same_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    _suyuan(capsys, "init", "--development", home=home)
    before = _suyuan(capsys, "index", "rebuild", home=home)
    assert {entry["slug"] for entry in _suyuan(capsys, "members", home=home)} >= {"farm", "merchant", "bank"}
    for file in home.glob("ledger.sqlite*"):
        file.unlink()
    assert _suyuan(capsys, "index", "rebuild", home=home) == before


def test_a_home_is_for_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    _suyuan(capsys, "init", "--development", home=home)
    assert home.stat().st_mode & 0o077 == 0


def _suyuan(capsys: pytest.CaptureFixture[str], *words: str, home: Path) -> Any:
    status = run([*words, "--json", "--home", str(home)])
    said = capsys.readouterr()
    assert status == 0, said.out + said.err
    return json.loads(said.out)
