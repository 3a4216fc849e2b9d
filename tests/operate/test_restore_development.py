"""A development home with its own chain goes into one file, and comes back from it on a machine that has nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.cli.main import run

pytestmark = pytest.mark.heavy


def test_a_home_with_its_own_chain_comes_back_with_the_same_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUYUAN_BACKUP_PASSPHRASE", "a backup of all of it")
    home, file = tmp_path / "home", tmp_path / "backup"
    _suyuan(capsys, "init", "--development", home=home)
    before = _suyuan(capsys, "index", "rebuild", home=home)
    made = _suyuan(capsys, "backup", "--out", str(file), "--with-development-passwords", home=home)
    assert made["with_chain"]
    assert made["with_passwords"]
    shutil.rmtree(home)
    restored = _suyuan(capsys, "restore", str(file), home=tmp_path / "elsewhere")
    assert not restored["without_passwords"]
    assert _suyuan(capsys, "index", "rebuild", home=tmp_path / "elsewhere")["digest"] == before["digest"]


def _suyuan(capsys: pytest.CaptureFixture[str], *words: str, home: Path) -> Any:
    status = run([*words, "--json", "--home", str(home)])
    said = capsys.readouterr()
    assert status == 0, said.out + said.err
    return json.loads(said.out)
