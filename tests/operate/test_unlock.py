"""Passwords: from the environment, or asked for; given to the signer alone."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from ledger.chain.keystore import create_keystore
from ledger.config import Home, Settings
from ledger.errors import BadInput, NotAuthenticated
from ledger.operate import unlock
from ledger.operate.services import services_of

PASSWORD = "what the farm alone knows"
SETTINGS = Settings(profile="qbft", member="farm")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("SUYUAN_PASSWORD", "SUYUAN_PASSWORD_FARM", "SUYUAN_PASSWORD_API"):
        monkeypatch.delenv(name, raising=False)
    made = Home(tmp_path)
    for name in ("farm", "api"):
        create_keystore(made, name, PASSWORD, development=True)
    return made


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A person at a terminal; what was asked."""
    asked: list[str] = []
    given = iter(answers)

    def getpass(prompt: str) -> str:
        asked.append(prompt)
        return next(given)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(unlock, "getpass", getpass)
    return asked


def test_without_a_terminal_nobody_is_asked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert unlock.ask_passwords(home, SETTINGS) == {}
    with pytest.raises(NotAuthenticated, match="SUYUAN_PASSWORD_FARM"):
        unlock.new_password("farm")


def test_two_answers_that_differ_and_a_weak_one_make_no_key(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    answering(monkeypatch, PASSWORD, "another one altogether")
    with pytest.raises(BadInput, match="not the same"):
        unlock.new_password("farm")
    answering(monkeypatch, "short", "short")
    with pytest.raises(BadInput, match="too short"):
        unlock.new_password("farm")


def test_one_answer_opens_both_keys(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, PASSWORD)
    assert unlock.ask_passwords(home, SETTINGS) == {
        "SUYUAN_PASSWORD_FARM": PASSWORD,
        "SUYUAN_PASSWORD_API": PASSWORD,
    }
    assert asked == ["Password of farm: "]


def test_the_environment_is_believed_before_anybody_is_asked(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch)
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORD)
    assert unlock.ask_passwords(home, SETTINGS) == {}
    assert unlock.new_password("farm") == PASSWORD
    assert asked == []


def test_the_signer_alone_is_given_them(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_PASSWORD", PASSWORD)
    services = services_of(home, SETTINGS, {}, passwords={"SUYUAN_PASSWORD_API": "of the relay"})
    assert services["signer"].secrets == {"SUYUAN_PASSWORD": PASSWORD, "SUYUAN_PASSWORD_API": "of the relay"}
    assert all(not service.secrets for name, service in services.items() if name != "signer")
    assert services["signer"].arguments[-2:] == ("--members", "farm,api")
