"""A member's next key: beside the current one until it takes its place; the salts stay those of the first."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from ledger.chain.keystore import SALT_LABEL, account_of, create_keystore, keystores, member_of_key, open_keystore
from ledger.chain.next_key import former_name, make_current, next_account, open_next, prepare_next
from ledger.config import Home
from ledger.errors import BadInput, WrongPassword

PASSWORD = "a long enough password"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    create_keystore(made, "farm", PASSWORD, development=True)
    return made


def test_wrong_password_prepares_nothing(home: Home) -> None:
    with pytest.raises(WrongPassword):
        prepare_next(home, "farm", "another password", development=True)
    assert next_account(home, "farm") is None
    assert open_next(home, "farm", PASSWORD, development=True) is None


def test_next_key_is_made_once_and_is_no_key_of_the_home_yet(home: Home) -> None:
    current = account_of(home, "farm")
    first = prepare_next(home, "farm", PASSWORD, development=True)
    assert prepare_next(home, "farm", PASSWORD, development=True) == first
    assert open_next(home, "farm", PASSWORD, development=True) == first
    assert next_account(home, "farm") == first.account != current
    assert (account_of(home, "farm"), keystores(home)) == (current, ["farm"])


def test_next_key_takes_the_place_and_the_former_is_kept(home: Home) -> None:
    before = open_keystore(home, "farm", PASSWORD, development=True)
    prepared = prepare_next(home, "farm", PASSWORD, development=True)
    make_current(home, "farm")
    make_current(home, "farm")  # a repeat has nothing to do
    now = open_keystore(home, "farm", PASSWORD, development=True)
    assert (now.account, now.private_key) == (prepared.account, prepared.private_key)
    assert next_account(home, "farm") is None
    assert former_name(home, before.account) == "farm"
    assert former_name(home, now.account) is None


def test_killed_after_the_former_was_kept_it_goes_on(home: Home) -> None:
    before = account_of(home, "farm")
    prepared = prepare_next(home, "farm", PASSWORD, development=True)
    (home.keys / "former").mkdir()
    (home.keys / "former" / f"farm-{before}.json").write_bytes((home.keys / "farm.json").read_bytes())
    make_current(home, "farm")
    assert account_of(home, "farm") == prepared.account


def test_killed_before_the_next_was_removed_it_goes_on(home: Home) -> None:
    prepared = prepare_next(home, "farm", PASSWORD, development=True)
    content = (home.keys / "next" / "farm.json").read_bytes()
    make_current(home, "farm")
    (home.keys / "next" / "farm.json").write_bytes(content)
    make_current(home, "farm")
    assert account_of(home, "farm") == prepared.account
    assert next_account(home, "farm") is None


def test_salts_stay_those_of_the_first_key(home: Home) -> None:
    first = open_keystore(home, "farm", PASSWORD, development=True)
    assert first.salt_secret() == hmac.digest(first.private_key, SALT_LABEL, "sha256")
    for _ in range(2):
        assert prepare_next(home, "farm", PASSWORD, development=True).salt_secret() == first.salt_secret()
        make_current(home, "farm")
        assert open_keystore(home, "farm", PASSWORD, development=True).salt_secret() == first.salt_secret()


def test_secrets_stand_in_no_text_of_a_key(home: Home) -> None:
    key = prepare_next(home, "farm", PASSWORD, development=True)
    assert key.private_key.hex() not in repr(key)
    assert key.salt_secret().hex() not in repr(key)
    sealed = [path.read_text() for path in home.keys.rglob("*.json")]
    assert all(secret.hex() not in text for text in sealed for secret in (key.private_key, key.salt_secret()))


def test_operators_keys_are_named_within_their_member(home: Home) -> None:
    create_keystore(home, "farm.clerk", PASSWORD, development=True)
    assert keystores(home) == ["farm", "farm.clerk"]
    assert (member_of_key("farm.clerk"), member_of_key("farm")) == ("farm", "farm")
    for name in ("farm.", ".clerk", "farm.clerk.two", "farm.json", "farm.password", "farm.secret"):
        with pytest.raises(BadInput):
            create_keystore(home, name, PASSWORD, development=True)
