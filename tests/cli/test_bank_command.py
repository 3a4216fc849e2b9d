"""The stand-in bank is for trying: a ledger outside development refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli.main import run
from ledger.config import Home, Settings


def test_stand_in_bank_is_refused_outside_development(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, out = Home(tmp_path / "home"), tmp_path / "statement.xml"
    Settings(development=False).save(home)
    payments = tmp_path / "payments.xml"
    payments.write_text("<Document/>", encoding="utf-8")
    assert run(["bank", "execute", str(payments), "--out", str(out), "--home", str(home.path)]) == 1
    assert "development homes only" in capsys.readouterr().err
    assert not out.exists()
