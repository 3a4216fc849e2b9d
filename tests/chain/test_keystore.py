"""Keystores: who opens one, with which password, and what a home outside development refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.chain import keystore
from ledger.chain.keystore import (
    account_of,
    create_keystore,
    open_keystore,
    password_of,
    signer_secret,
)
from ledger.config import Home
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound, WrongPassword

PASSWORD = "a long enough password"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("SUYUAN_PASSWORD", raising=False)
    return Home(tmp_path)


def test_a_wrong_password_opens_nothing(home: Home) -> None:
    create_keystore(home, "farm", PASSWORD, development=True)
    with pytest.raises(WrongPassword, match="does not open the key of farm") as refusal:
        open_keystore(home, "farm", PASSWORD + " ", development=True)
    assert PASSWORD not in str(refusal.value)
    assert "SUYUAN_PASSWORD_FARM" in str(refusal.value)


def test_a_missing_keystore_names_those_that_are_there(home: Home) -> None:
    create_keystore(home, "farm", PASSWORD, development=True)
    with pytest.raises(NotFound, match=r"There is no keystore for cooler\. This home has: farm"):
        open_keystore(home, "cooler", PASSWORD)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"address": "00"}', '{"address": 5}', "not json"])
def test_a_damaged_keystore_is_said(home: Home, content: str) -> None:
    create_keystore(home, "farm", PASSWORD, development=True)
    (home.keys / "farm.json").write_text(content)
    with pytest.raises(BadInput):
        open_keystore(home, "farm", PASSWORD, development=True)


def test_an_existing_key_is_never_overwritten(home: Home) -> None:
    account = create_keystore(home, "farm", PASSWORD, development=True)
    with pytest.raises(Conflict, match="keystore for farm already"):
        create_keystore(home, "farm", PASSWORD, development=True)
    assert account_of(home, "farm") == account


@pytest.mark.parametrize("name", ["", "../farm", "farm/x", "farm.json", "农场"])
def test_a_name_cannot_leave_the_folder(home: Home, name: str) -> None:
    with pytest.raises(BadInput, match="no name of a key"):
        create_keystore(home, name, PASSWORD, development=True)


def test_a_known_or_short_password_is_refused_outside_development(home: Home) -> None:
    for password in (*keystore.KNOWN_PASSWORDS, "", "short"):
        with pytest.raises(BadInput):
            create_keystore(home, "farm", password)
    assert list(home.path.rglob("*.json")) == []


def test_a_development_key_with_a_known_password_opens_nowhere_else(home: Home) -> None:
    known = next(iter(keystore.KNOWN_PASSWORDS))
    create_keystore(home, "farm", known, development=True)
    with pytest.raises(NotAllowed, match="everybody knows"):
        open_keystore(home, "farm", known)
    assert open_keystore(home, "farm", known, development=True).name == "farm"


def test_a_password_beside_its_key_is_refused_outside_development(home: Home) -> None:
    create_keystore(home, "farm", PASSWORD, development=True)
    (home.keys / "farm.password").write_text(PASSWORD + "\n")
    with pytest.raises(NotAllowed, match="lies in the clear"):
        password_of(home, "farm", development=False, given=PASSWORD)
    assert password_of(home, "farm", development=True) == PASSWORD


def test_passwords_are_taken_in_order(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert password_of(home, "cold-store", development=False) is None
    monkeypatch.setenv("SUYUAN_PASSWORD", "for all")
    assert password_of(home, "cold-store", development=False) == "for all"
    monkeypatch.setenv("SUYUAN_PASSWORD_COLD_STORE", "for this one")
    assert password_of(home, "cold-store", development=False) == "for this one"
    assert password_of(home, "cold-store", development=False, given="given") == "given"


def test_files_are_for_their_owner_only(home: Home) -> None:
    create_keystore(home, "farm", PASSWORD, development=True)
    signer_secret(home)
    for file in home.keys.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_full_keystore_is_the_standard_form_and_opens(home: Home) -> None:
    account = create_keystore(home, "farm", PASSWORD)
    sealed = json.loads((home.keys / "farm.json").read_text())
    assert (sealed["version"], sealed["crypto"]["kdf"], sealed["crypto"]["kdfparams"]["n"]) == (3, "scrypt", 2**18)
    key = open_keystore(home, "farm", PASSWORD)
    assert key.account == account
    assert key.private_key.hex() not in repr(key)


def test_the_signers_secret_stays_the_same(home: Home) -> None:
    assert signer_secret(home) == signer_secret(home)
    assert len(signer_secret(home)) == 64
