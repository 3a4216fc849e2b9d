"""A secret of 32 bytes in an encrypted file: Web3 Secret Storage v3 with scrypt (RFC 7914), mode 0600, whole or absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_account import Account

from ledger.errors import BadInput, WrongPassword
from ledger.store.atomic import create_atomically

#: scrypt's n: about a second a guess; in development about 10 ms, since the password lies beside the key.
WORK_FACTOR = 2**18
DEVELOPMENT_WORK_FACTOR = 2**12


def seal(file: Path, secret: bytes, password: str, *, development: bool = False) -> bool:
    """Writes the file; false, and nothing changed, when there is one."""
    work = DEVELOPMENT_WORK_FACTOR if development else WORK_FACTOR
    sealed = Account.encrypt(secret, password, kdf="scrypt", iterations=work)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return create_atomically(file, json.dumps(sealed, indent=2).encode() + b"\n")


def unseal(file: Path, password: str, *, of: str, hint: str) -> bytes:
    """The secret. WrongPassword with `hint`; BadInput when the file is no sealed one; FileNotFoundError."""
    sealed = read_sealed(file, of=of)
    try:
        return bytes(Account.decrypt(sealed, password))
    except ValueError as error:
        if "MAC mismatch" not in str(error):
            raise _malformed(file, of) from None
        raise WrongPassword(f"The password does not open the key of {of}.", where=str(file), hint=hint) from None
    except (KeyError, TypeError, NotImplementedError):
        raise _malformed(file, of) from None


def account_in(file: Path, *, of: str) -> str:
    """The account of a sealed key, read without its password: 40 hex digits. BadInput; FileNotFoundError."""
    return str(read_sealed(file, of=of)["address"])


def work_factor_in(file: Path, *, of: str) -> int:
    """scrypt's n with which it was sealed; WORK_FACTOR where the file does not say."""
    parameters = read_sealed(file, of=of).get("crypto", {}).get("kdfparams", {})
    return int(parameters.get("n", WORK_FACTOR)) if isinstance(parameters, dict) else WORK_FACTOR


def read_sealed(file: Path, *, of: str) -> dict[str, Any]:
    """The file as it stands. BadInput when it names no account; FileNotFoundError."""
    try:
        sealed = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise _malformed(file, of) from None
    if not isinstance(sealed, dict) or not isinstance(sealed.get("address"), str):
        raise _malformed(file, of)
    return sealed


def _malformed(file: Path, of: str) -> BadInput:
    return BadInput(f"The keystore of {of} cannot be read.", where=str(file), hint="Restore it from your backup.")
