"""Where a member's key is held, by its file `keys/<name>.json`, and the password that opens the member's sessions.

    a keystore (Web3 Secret Storage v3)                       the key is sealed in it
    {"address": "0x…", "held_in": "environment"}              in SUYUAN_KEY_<NAME>, 32 bytes in hex
    {"address": "0x…", "web3signer": "https://signer…"}       at a remote signer (`web3signer`)

The last two hold no secret; the password of such a key is what SUYUAN_PASSWORD_<NAME> says.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from typing import Any, Protocol

from eth_account import Account
from eth_utils.address import is_same_address

from ledger.chain.keystore import (
    Key,
    account_of,
    checksummed,
    keystore_file,
    open_keystore,
    password_from_environment,
    password_variable,
    read_key_file,
    refuse_weak,
)
from ledger.chain.typed_data import TypedData
from ledger.chain.web3signer import RemoteKey, variable
from ledger.config import Home
from ledger.errors import BadInput, Conflict, WrongPassword
from ledger.store.atomic import create_atomically


class HeldKey(Protocol):
    """What signs as one account, wherever its key is."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str: ...

    def sign_transaction(self, prepared: Mapping[str, Any]) -> bytes: ...

    def sign_typed(self, message: TypedData) -> bytes: ...

    def salt_secret(self) -> bytes: ...


def is_sealed(home: Home, name: str) -> bool:
    """Whether the key is in its file, and a password opens it."""
    file = read_key_file(home, name)
    return "web3signer" not in file and "held_in" not in file


def open_elsewhere(home: Home, name: str) -> HeldKey:
    """A key that is not in its file. WrongPassword, BadInput with the variable that is missing; NotFound, Unavailable
    from a remote signer."""
    file, account = read_key_file(home, name), account_of(home, name)
    if "web3signer" in file:
        remote = RemoteKey(name, account, str(file["web3signer"]))
        remote.require_held()
        return remote
    environment = variable(f"SUYUAN_KEY_{name}")
    try:
        private_key = bytes.fromhex(os.environ.get(environment, "").removeprefix("0x"))
        actual = str(Account.from_key(private_key).address)
    except Exception:  # eth_keys raises several kinds; the text of none may be shown
        raise BadInput(
            f"{environment} holds no key of {name}.", hint="Set it, in the signer's environment alone: 32 bytes in hex."
        ) from None
    if not is_same_address(actual, account):
        raise BadInput(f"{environment} holds the key of {actual}, and {name} is {account}.", hint="Set the right one.")
    return Key(name, account, private_key)


def require_password(home: Home, name: str, password: str, *, development: bool) -> None:
    """WrongPassword, unless it is the password of this key."""
    if is_sealed(home, name):
        open_keystore(home, name, password, development=development)
        return
    expected = password_from_environment(name)
    if not expected:
        raise WrongPassword(
            f"The key of {name} is held elsewhere, and there is no password for its sessions.",
            hint=f"Set {password_variable(name)} in the environment of the member's signer process.",
        )
    if not development:
        refuse_weak(expected)
    if not hmac.compare_digest(password.encode(), expected.encode()):
        raise WrongPassword(f"This is not the password of {name}.", hint="Type it again.")


def name_key_elsewhere(home: Home, name: str, account: str, *, web3signer: str | None) -> str:
    """Writes the file of a key that is held by a remote signer, or in the environment where no address is given; returns
    the account (EIP-55). Conflict when there is a key by that name; BadInput for an address that cannot be used."""
    where = {"held_in": "environment"} if web3signer is None else {"web3signer": web3signer}
    if web3signer is not None:
        RemoteKey(name, account, web3signer)
    held = {"address": checksummed(account), **where}
    home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not create_atomically(keystore_file(home, name), json.dumps(held, indent=2).encode() + b"\n"):
        raise Conflict(f"There is a key of {name} already.", where=str(keystore_file(home, name)))
    return held["address"]
