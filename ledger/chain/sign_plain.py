"""A key at hand and what it signs: for trying a network, not for the ledger's own acts (see `signing`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_account import Account

from ledger.chain.keystore import checksummed, password_variable
from ledger.errors import BadInput, WrongPassword


def sign_plain(transaction: Mapping[str, Any], private_key: bytes) -> tuple[bytes, str]:
    """The raw transaction (EIP-155) and its hash, 0x hex."""
    signed = Account.sign_transaction(dict(transaction), private_key)
    return bytes(signed.raw_transaction), "0x" + signed.hash.hex().removeprefix("0x")


def open_key_file(file: Path, password: str) -> tuple[str, bytes]:
    """The account (EIP-55) and the private key of a keystore file. BadInput when it is none, WrongPassword."""
    try:
        sealed = json.loads(file.read_text(encoding="utf-8"))
        account = checksummed(str(sealed["address"]))
        return account, bytes(Account.decrypt(sealed, password))
    except FileNotFoundError:
        raise BadInput("There is no such keystore.", where=str(file), hint="Check the name.") from None
    except ValueError as error:
        if "MAC mismatch" in str(error):
            raise WrongPassword(
                "The password does not open this keystore.",
                where=str(file),
                hint=f"Set {password_variable(file.stem)}, or type it when asked.",
            ) from None
        raise _no_keystore(file) from None
    except (KeyError, TypeError, NotImplementedError, BadInput):
        raise _no_keystore(file) from None


def _no_keystore(file: Path) -> BadInput:
    return BadInput("This file is no keystore (Web3 Secret Storage, version 3).", where=str(file))
