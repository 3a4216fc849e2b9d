"""A key that a remote signer holds: Web3Signer's JSON-RPC (`eth_accounts`, `eth_signTransaction`, `eth_signTypedData`).

Such a signer signs what it is asked to by whoever reaches it, so only the member's own signer process asks: that checks
the session, the scope and the contracts first, as for a key of its own (`signing`). What comes back is believed only
after it was recovered: by the right account, and over exactly what was asked for.

The member's password and its salt secret are no business of a signer of transactions: they come from the environment of
the member's signer process (SUYUAN_PASSWORD_<NAME>, SUYUAN_SALT_<NAME>: 32 bytes in hex, kept for as long as its
commitments are to be opened).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import rlp
from eth_account import Account
from eth_utils.address import is_same_address

from ledger.chain.credentials import headers_of, is_loopback
from ledger.chain.endpoint import shown
from ledger.chain.rpc import Rpc, RpcFault
from ledger.chain.typed_data import TypedData, signer_of
from ledger.errors import BadInput, BrokenEvidence, NotFound, Unavailable

#: What a transaction is, beside its signature: each field of what came back must be the one that was asked for.
_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data")
_TYPE_2 = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data")


class RemoteKey:
    """The key of one account, held elsewhere. BadInput for an address that lets others read or answer in between."""

    def __init__(self, name: str, account: str, url: str) -> None:
        self.name, self.account = name, account
        self.url = shown(url)
        if urlsplit(url).scheme != "https" and not is_loopback(urlsplit(url).hostname or ""):
            raise BadInput(
                f"The remote signer at {self.url} would be asked in the clear.",
                hint="Use an https address, or a tunnel to this machine.",
            )
        token = variable(f"SUYUAN_SIGNER_TOKEN_{name}")
        self._rpc = Rpc(
            url,
            1,  # it answers one call a request
            who=f"The remote signer of {name}",
            hint="Start it, or correct its address in the key's file.",
            headers=headers_of(url, token, os.environ),
            credentials_hint=f"Set {token} in the environment of the member's signer process.",
        )

    def require_held(self) -> None:
        """NotFound when the remote signer does not hold the account: told at the start, not at the first signature."""
        held = self._ask("eth_accounts", [])
        if not any(is_same_address(str(account), self.account) for account in held):
            raise NotFound(
                f"The remote signer at {self.url} does not hold the key of {self.account}.",
                where=self.name,
                hint="Load the key there, or correct the account in the key's file.",
            )

    def sign_transaction(self, prepared: Mapping[str, Any]) -> bytes:
        """`prepared` as eth_account takes it: integers, `data` as bytes. BrokenEvidence when another thing was signed."""
        fields = {name: value for name, value in prepared.items() if name not in ("type", "chainId")}
        asked = {name: hex(value) if isinstance(value, int) else value for name, value in fields.items()}
        asked |= {"from": self.account, "data": "0x" + bytes(prepared["data"]).hex()}
        raw = _bytes(self._ask("eth_signTransaction", [asked]), self.url)
        try:
            by, signed = str(Account.recover_transaction(raw)), _fields_of(raw)
        except Exception as error:  # eth_account and rlp raise several kinds for bytes that are no transaction
            raise self._untrue(f"no transaction ({type(error).__name__})") from None
        if not is_same_address(by, self.account):
            raise self._untrue(f"a transaction of {by}, not of {self.account}")
        wanted = _wanted(prepared)
        differing = [name for name, value in wanted.items() if signed.get(name) != value]
        if differing:
            raise self._untrue(f"a transaction with another {differing[0]}")
        return raw

    def sign_typed(self, message: TypedData) -> bytes:
        """65 bytes: r, s, v. BrokenEvidence when they are not the account's over this message (EIP-712)."""
        signature = _bytes(self._ask("eth_signTypedData", [self.account, json.dumps(message)]), self.url)
        if len(signature) != 65 or not is_same_address(signer_of(message, signature), self.account):
            raise self._untrue("another message, or as another account")
        return signature

    def salt_secret(self) -> bytes:
        """BadInput where the environment does not hold it."""
        name = variable(f"SUYUAN_SALT_{self.name}")
        try:
            secret = bytes.fromhex(os.environ.get(name, "").removeprefix("0x"))
        except ValueError:
            secret = b""
        if len(secret) != 32:
            raise BadInput(
                f"The key of {self.name} is held by a remote signer, which makes no salts, and {name} holds no secret.",
                hint=f"Make 32 random bytes once (`openssl rand -hex 32`), keep them as a key is kept, and set {name}.",
            )
        return secret

    def _ask(self, method: str, params: list[Any]) -> Any:
        (answer,) = self._rpc.batch([(method, params)])
        if isinstance(answer, RpcFault):
            raise Unavailable(
                f"The remote signer at {self.url} refused {method}: {answer.message}.",
                where=self.name,
                code=answer.code,
            )
        return answer

    def _untrue(self, what: str) -> BrokenEvidence:
        return BrokenEvidence(
            f"The remote signer at {self.url} signed {what}.",
            where=self.name,
            hint="Nothing was sent. Check which signer answers there, and its chain id.",
        )


def variable(name: str) -> str:
    """A name as an environment variable."""
    return name.upper().replace("-", "_")


def _wanted(prepared: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: value for name, value in prepared.items() if name not in ("type", "to", "from")}
    to = prepared.get("to")
    return {**wanted, "data": bytes(prepared["data"]), "to": bytes.fromhex(str(to)[2:]) if to else b""}


def _fields_of(raw: bytes) -> dict[str, Any]:
    """The fields of a signed transaction, legacy (EIP-155) or of type 2 (EIP-1559): integers, `to` and `data` as bytes."""
    typed = raw[0] == 2
    parts = rlp.decode(raw[1:] if typed else raw)
    fields = dict(zip(_TYPE_2 if typed else _LEGACY, parts, strict=False))
    fields = {
        name: bytes(value) if name in ("to", "data") else int.from_bytes(value, "big") for name, value in fields.items()
    }
    if typed and parts[8]:
        raise ValueError("an access list that nobody asked for")
    if not typed:
        v = int.from_bytes(parts[6], "big")
        fields["chainId"] = (v - 35) // 2 if v >= 35 else None
    return fields


def _bytes(answer: Any, url: str) -> bytes:
    try:
        raw = bytes.fromhex(str(answer).removeprefix("0x"))
    except ValueError:
        raw = b""
    if not raw:
        raise BrokenEvidence(f"The remote signer at {url} answered with something that is no signature.")
    return raw
