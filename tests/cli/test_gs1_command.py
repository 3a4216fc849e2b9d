"""`suyuan gs1 parse` answers with one JSON document and an exit status."""

from __future__ import annotations

import json

import pytest

from ledger.cli.main import run


@pytest.mark.parametrize("text", ["(01)09520123456789", "https://id.gs1.org/", "hello", "", "(10)ABC"])
def test_invalid_data_exit_1_with_a_sentence(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gs1", "parse", text]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["valid", "elementString", "ais", "error"]
    assert (answer["valid"], answer["elementString"], answer["ais"]) == (False, "", {})
    assert answer["error"].endswith(".")


@pytest.mark.parametrize("options", [[], ["--json"], ["--home", "nowhere"]])
def test_valid_data_exit_0_taken_apart(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gs1", "parse", "https://example.com/x/01/09520123456788/10/A%2F1?17=260101", *options]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "valid": True,
        "elementString": "^010952012345678810A/1^17260101",
        "ais": {"01": "09520123456788", "10": "A/1", "17": "260101"},
        "error": None,
    }
