"""A member's next key: made beside the one it has, and current only once the chain says so.

`keys/next/<name>.json` is the next one, `keys/former/<name>-<account>.json` what it replaced, `keys/salts/<name>.json` the
secret of the member's salts, which stays that of its first key. Each step may be repeated: killed anywhere between making
the key, sending and switching, both keys are there, and which one holds is asked of the chain.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.keystore import (
    Key,
    account_of,
    checksummed,
    keystore_file,
    open_keystore,
    password_variable,
    salts_file,
)
from ledger.chain.roles import KeyKind
from ledger.chain.sealed import account_in, seal, unseal
from ledger.config import Home
from ledger.store.atomic import create_atomically, write_atomically


def prepare_next(home: Home, name: str, password: str, *, development: bool = False) -> Key:
    """The next key, sealed with the password of the current one (WrongPassword); made on the first call."""
    current = open_keystore(home, name, password, development=development)
    seal(salts_file(home, name), current.salt_secret(), password, development=development)
    seal(_next_file(home, name), secrets.token_bytes(32), password, development=development)
    return _opened_next(home, name, password, current)


def open_next(home: Home, name: str, password: str, *, development: bool = False) -> Key | None:
    """The next key, None when there is none. WrongPassword."""
    if not _next_file(home, name).exists():
        return None
    return _opened_next(home, name, password, open_keystore(home, name, password, development=development))


def _opened_next(home: Home, name: str, password: str, current: Key) -> Key:
    file, of = _next_file(home, name), f"{name}'s next key"
    private_key = unseal(
        file, password, of=of, hint=f"It has the password of the current key: set {password_variable(name)}."
    )
    return Key(name, checksummed(account_in(file, of=of)), private_key, current.salt_secret())


def next_account(home: Home, name: str) -> str | None:
    """The account of the next key, None when there is none."""
    try:
        return checksummed(account_in(_next_file(home, name), of=f"{name}'s next key"))
    except FileNotFoundError:
        return None


def make_current(home: Home, name: str) -> None:
    """Puts the next key in the place of the current one, which is kept among the former. Nothing to do without a next."""
    next_file, current_file = _next_file(home, name), keystore_file(home, name)
    if not next_file.exists():
        return
    former, content = account_of(home, name), next_file.read_bytes()
    if former != next_account(home, name):
        create_atomically(home.keys / "former" / f"{name}-{former}.json", current_file.read_bytes())
        write_atomically(current_file, content)
    next_file.unlink(missing_ok=True)


def former_name(home: Home, account: str) -> str | None:
    """Whose former key this is, None for one that never was replaced here."""
    found = next((home.keys / "former").glob(f"*-{account}.json"), None)
    return found.name.removesuffix(f"-{account}.json") if found else None


def is_account(client: Client, deployment: Deployment, account: str) -> bool:
    """Whether the chain says that this is a member's own key now. Unavailable when the node does not answer."""
    return bool(client.call(deployment, "Members", "keyOf", account)["kind"] == KeyKind.ACCOUNT)


def _next_file(home: Home, name: str) -> Path:
    return keystore_file(home, name).parent / "next" / f"{name}.json"
