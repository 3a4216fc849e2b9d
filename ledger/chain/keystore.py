"""Keystores: one encrypted file a key (`keys/<name>.json`, Web3 Secret Storage v3, mode 0600), and who may open it.

A member's own key has the member's slug for a name, an operator's key of it `<slug>.<operator>`.

Passwords come from an explicit argument, from SUYUAN_PASSWORD_<NAME>, from SUYUAN_PASSWORD or, in a development home
only, from the file `keys/<name>.password` beside the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address

from ledger.chain.sealed import WORK_FACTOR, read_sealed, seal, unseal, work_factor_in
from ledger.chain.typed_data import TypedData, sign_message
from ledger.config import Home
from ledger.errors import BadInput, Conflict, NotAllowed, NotFound
from ledger.store.atomic import create_atomically

SALT_LABEL = b"suyuan salt v1"

#: What files in the folder end with: no operator has such a name.
_SUFFIXES = (["json"], ["password"], ["secret"], ["key"])

#: The HTTP header in which local callers show the signer's secret.
SIGNER_HEADER = "X-Suyuan-Signer"

SHORTEST_PASSWORD = 12

#: Passwords that stand in documents and examples: outside development they open nothing.
KNOWN_PASSWORDS = frozenset({"suyuan-development", "development-only", "password1234", "correct horse battery staple"})


#: Accounts whose private keys stand in documents: anvil's and Hardhat's first ten, and those of Besu's examples.
KNOWN_ACCOUNTS = frozenset(
    {
        "f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "70997970c51812dc3a010c7d01b50e0d17dc79c8",
        "3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
        "90f79bf6eb2c4f870365e785982e1f101e93b906",
        "15d34aaf54267db7d7c367839aaf71a00a2c6a65",
        "9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
        "976ea74026e726554db657fa54763abd0c3a0aa9",
        "14dc79964da2c08b23698b3d3cc7ca32193d9955",
        "23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
        "a0ee7a142d267c1f36714e4a8f75612f20a79720",
        "fe3b557e8fb62b89f4916b721be55ceb828dbd73",
        "627306090abab3a6e1400e9345bc60c78a8bef57",
        "f17f52151ebef6c7334fad080c5704d77216b732",
    }
)


@dataclass(frozen=True)
class Key:
    """An opened keystore. The secrets are left out of `repr`, so that they reach no log.

    `kept_salts` is the secret of the member's salts where another key has followed its first (see `next_key`): it stays for
    ever that of the first, so that a repeat is recognised.
    """

    name: str
    account: str
    private_key: bytes = field(repr=False)
    kept_salts: bytes | None = field(default=None, repr=False)

    def sign_transaction(self, prepared: Mapping[str, Any]) -> bytes:
        """The signed transaction (EIP-2718 or legacy). `prepared` as eth_account takes it."""
        return bytes(Account.sign_transaction(dict(prepared), self.private_key).raw_transaction)

    def sign_typed(self, message: TypedData) -> bytes:
        """65 bytes: r, s, v (EIP-712)."""
        return sign_message(message, self.private_key)

    def salt_secret(self) -> bytes:
        """What this member's salts derive from; it never leaves the signer."""
        return self.kept_salts or hmac.digest(self.private_key, SALT_LABEL, hashlib.sha256)


def create_keystore(
    home: Home, name: str, password: str, *, development: bool = False, private_key: bytes | None = None
) -> str:
    """Writes a new encrypted key and returns its account (EIP-55). Conflict when there is one by that name.

    Outside development a known or short password is refused (BadInput).
    """
    if not development:
        refuse_weak(password)
    key, file = private_key or secrets.token_bytes(32), keystore_file(home, name)
    if not seal(file, key, password, development=development):
        raise Conflict(f"There is a keystore for {name} already.", where=str(file))
    return account_of(home, name)


def open_keystore(home: Home, name: str, password: str, *, development: bool = False) -> Key:
    """NotFound, BadInput when it is no keystore, WrongPassword."""
    if not development and password in KNOWN_PASSWORDS:
        raise NotAllowed(
            f"The password of {name} is one that everybody knows.",
            hint="Outside development, seal the key with one of your own.",
        )
    account = account_of(home, name)
    if not development:
        _refuse_known(home, name)
    hint = f"Set {password_variable(name)}, or type it when asked."
    private_key = unseal(keystore_file(home, name), password, of=name, hint=hint)
    kept = salts_file(home, name)
    salts = unseal(kept, password, of=f"{name}'s salts", hint=hint) if kept.exists() else None
    return Key(name, account, private_key, salts)


def account_of(home: Home, name: str) -> str:
    """The account of a keystore, read without its password."""
    return checksummed(str(read_key_file(home, name)["address"]))


def keystores(home: Home) -> list[str]:
    """Names of the keystores of this home."""
    return sorted(path.stem for path in home.keys.glob("*.json"))


def salts_file(home: Home, name: str) -> Path:
    """Where the secret of the salts is kept once the key it came from is another (see `next_key`)."""
    return keystore_file(home, name).parent / "salts" / f"{name}.json"


def keystore_file(home: Home, name: str) -> Path:
    """BadInput for a name that would leave the folder."""
    parts = name.split(".")
    plain = all(part and all(c.isascii() and (c.isalnum() or c in "-_") for c in part) for part in parts)
    if not plain or len(parts) > 2 or parts[1:] in _SUFFIXES:
        raise BadInput(f"{name!r} is no name of a key.", hint="Use letters, digits, '-' and '_', and member.operator.")
    return home.keys / f"{name}.json"


def member_of_key(name: str) -> str:
    """The member's slug, also for an operator's key."""
    return name.split(".")[0]


def password_of(home: Home, name: str, *, development: bool, given: str | None = None) -> str | None:
    """The password to open a key with, or None when nobody set one. NotAllowed: a file of it outside development."""
    file = keystore_file(home, name).with_suffix(".password")
    if not development and file.exists():
        raise NotAllowed(
            f"The password of {name} lies in the clear beside its key.",
            where=str(file),
            hint="Only a development home may do that: delete the file and set the password in the environment.",
        )
    password = given or password_from_environment(name)
    if password:
        return password
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


def password_from_environment(name: str) -> str | None:
    """SUYUAN_PASSWORD_<NAME>, else SUYUAN_PASSWORD."""
    return os.environ.get(password_variable(name)) or os.environ.get("SUYUAN_PASSWORD") or None


def signer_secret(home: Home) -> str:
    """The secret that local callers of this home's signer show; made on first use."""
    file = secret_file(home)
    home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        create_atomically(file, secrets.token_hex(32).encode() + b"\n")
    return file.read_text(encoding="utf-8").strip()


def secret_file(home: Home) -> Path:
    return home.keys / "signer.secret"


def checksummed(address: str) -> str:
    """EIP-55. BadInput for what is no address."""
    try:
        return str(to_checksum_address("0x" + address.lower().removeprefix("0x")))
    except ValueError:
        raise BadInput(f"{address!r} is no account address.") from None


def read_key_file(home: Home, name: str) -> dict[str, Any]:
    """The file of a key, whatever it holds. NotFound, or BadInput when it holds no account."""
    file = keystore_file(home, name)
    try:
        return read_sealed(file, of=name)
    except FileNotFoundError:
        raise NotFound(
            f"There is no keystore for {name}.",
            where=str(file),
            hint=f"This home has: {', '.join(keystores(home)) or 'none'}.",
        ) from None


def refuse_known_account(home: Home, name: str) -> None:
    """NotAllowed for a key that everybody knows, wherever it is held."""
    if account_of(home, name).lower().removeprefix("0x") in KNOWN_ACCOUNTS:
        raise NotAllowed(
            f"The key of {name} is one that everybody knows.",
            where=str(keystore_file(home, name)),
            hint="Make one of your own: `suyuan init --member`. What this account owns is anybody's.",
        )


def _refuse_known(home: Home, name: str) -> None:
    """NotAllowed for a key that everybody knows, and for one that was sealed for trying: quick to guess."""
    refuse_known_account(home, name)
    file = keystore_file(home, name)
    if work_factor_in(file, of=name) < WORK_FACTOR:
        raise NotAllowed(
            f"The key of {name} was sealed for development: its password can be guessed quickly.",
            where=str(file),
            hint="Make a new key with `suyuan init --member`, and have the consortium admit that one.",
        )


def refuse_weak(password: str) -> None:
    """BadInput for a password that everybody knows, or a short one."""
    if password in KNOWN_PASSWORDS:
        raise BadInput("That password is one that everybody knows.", hint="Choose one of your own.")
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"The password is too short: it needs at least {SHORTEST_PASSWORD} characters.", hint="Choose a longer one."
        )


def password_variable(name: str) -> str:
    """The environment variable that holds the password of this key alone."""
    return f"SUYUAN_PASSWORD_{name.upper().replace('-', '_').replace('.', '_')}"
