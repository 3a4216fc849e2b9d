"""`suyuan epcis check` says `ok` or every reason of each document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.cli.main import run


def test_documents_that_must_be_refused_are_each_with_a_reason(
    corpora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((corpora / "epcis" / "capture-invalid").iterdir())
    assert run(["epcis", "check", *map(str, files)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith(": refused")] == [f"{file}: refused" for file in files]
    assert sum(line.startswith("  - ") for line in lines) >= len(files)


def test_one_that_is_refused_does_not_hide_the_others(
    corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = next(iter(sorted((corpora / "epcis" / "capture-valid").iterdir())))
    missing = tmp_path / "missing.json"
    assert run(["epcis", "check", str(missing), str(good), "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert (first["file"], first["ok"], first["reasons"][0]["what"]) == (str(missing), False, "There is no such file.")
    assert (second["file"], second["ok"], second["reasons"]) == (str(good), True, [])
    assert second["events"] > 0


def test_documents_that_must_be_accepted_are_ok(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted((corpora / "epcis" / "capture-valid").iterdir())
    assert run(["epcis", "check", *map(str, files)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{file}: ok" for file in files]
