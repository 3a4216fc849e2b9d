"""Signing with the keys that a signer process holds: each request is checked against the policy first.

Holds the opened keys and nothing of HTTP. The deployment is read again whenever its file changes: the contracts may
come to stand after the signer started.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledger.chain import policy
from ledger.chain.contracts import Deployment
from ledger.chain.held_key import HeldKey, is_sealed, require_password
from ledger.chain.keystore import account_of, checksummed, member_of_key, open_keystore
from ledger.chain.next_key import former_name, make_current, next_account, prepare_next
from ledger.chain.session import Authority, Session, check_authority
from ledger.chain.typed_data import TypedData
from ledger.config import Home, Settings
from ledger.errors import BadInput, Conflict, NotAllowed, NotAuthenticated, NotFound

_QUANTITIES = (
    "nonce",
    "gas",
    "gasPrice",
    "maxFeePerGas",
    "maxPriorityFeePerGas",
    "value",
    "chainId",
    "type",
)


class Signing:
    """The keys of one signer process. `clock` gives Unix seconds; `stands` asks the chain whether an account is a
    member's own (Unavailable when it does not answer)."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        keys: Sequence[HeldKey],
        *,
        clock: Callable[[], float] = time.time,
        stands: Callable[[str], bool] = lambda account: False,
    ) -> None:
        self._home = home
        self._settings = settings
        self._keys = {key.account: key for key in keys}
        self._clock = clock
        self._stands = stands
        self._deployment: tuple[int, Deployment] | None = None
        self._checked: dict[str, Session] = {}

    def accounts(self) -> list[str]:
        """EIP-55, in the order in which the keys were opened."""
        return list(self._keys)

    def sign_transaction(self, transaction: Mapping[str, Any], authority: Authority | None) -> bytes:
        """The signed transaction (EIP-2718 or legacy). `transaction` as for eth_signTransaction, quantities in hex."""
        key = self._key(str(transaction.get("from", "")))
        prepared = _prepared({"chainId": hex(self._settings.chain_id), **transaction})
        policy.require_chain(int(prepared["chainId"]), self._settings.chain_id)
        kind = policy.kind_of(key.name)
        filler = policy.is_filler(key.account, prepared.get("to"), int(prepared["value"]), prepared["data"])
        if kind != "consortium" and not filler:
            call = policy.require_own_call(
                prepared.get("to"), int(prepared["value"]), prepared["data"], self._current_deployment()
            )
            if kind == "relay":
                policy.require_relay_call(call)
            else:
                policy.require_in_scope(call, self._session(key, authority))
                policy.require_own_successor(call, key.name, {one.account: one.name for one in self._keys.values()})
        return key.sign_transaction(prepared)

    def sign_typed_data(self, account: str, typed: TypedData, authority: Authority | None) -> bytes:
        """65 bytes: r, s, v (EIP-712)."""
        key = self._member_key(account, "sign typed data")
        policy.require_typed(typed, self._session(key, authority), self._current_deployment())
        return key.sign_typed(typed)

    def salts(self, account: str, event_hashes: Sequence[str], authority: Authority | None) -> list[str]:
        """HMAC-SHA256(secret, event hash) for each hash (32 bytes, hex), hex; the secret never leaves the signer."""
        key = self._member_key(account, "make commitments")
        policy.require_salts(self._session(key, authority))
        owner = next((one for one in self._keys.values() if one.name == member_of_key(key.name)), None)
        if owner is None:  # An operator's own salts would make strangers of the member's repeats.
            raise NotAllowed(
                f"The salts of {member_of_key(key.name)} are made by its own signer, and this one does not hold its key.",
                hint="Record through the member's signer.",
            )
        secret = owner.salt_secret()
        return [salt_of(secret, event_hash).hex() for event_hash in event_hashes]

    def open_session(self, session: Session, password: str) -> Authority:
        """Signs a session for whoever knows the member's password: WrongPassword otherwise.

        Asked anew each time: the caller's local secret alone must open no session, or the API could act for everybody.
        """
        key = self._member_key(session.account, "open a session")
        require_password(self._home, key.name, password, development=self._settings.development)
        if session.chain_id != self._settings.chain_id:
            raise BadInput(f"The session is for chain {session.chain_id}, not {self._settings.chain_id}.")
        return Authority(session, key.sign_typed(session.message()))

    # --- keys ------------------------------------------------------------------------------------------------------------

    def next_key(self, account: str, password: str) -> str:
        """The account of the key that is to follow this one, made on the first call. WrongPassword."""
        key = self._member_key(account, "change a key")
        if not is_sealed(self._home, key.name):
            raise NotAllowed(
                f"The key of {key.name} is held elsewhere and is not changed from here.",
                hint="Make the new key there, have it accept, and send Members.rotateAccount from the old one.",
            )
        prepared = prepare_next(self._home, key.name, password, development=self._settings.development)
        self._keys[prepared.account] = prepared
        return prepared.account

    def adopt_key(self, account: str) -> None:
        """From now on this key is the member's and the one before is forgotten here. Conflict until the chain says so."""
        key = self._member_key(account, "change a key")
        if not self._stands(account):
            raise Conflict(f"The chain does not say that {account} is {key.name}'s account.", hint="Try again later.")
        make_current(self._home, key.name)
        self._keys = {one.account: one for one in self._keys.values() if one.name != key.name or one is key}

    def adopt_keys(self) -> None:
        """As adopt_key for every key that took effect while nobody was here to see it."""
        for account, key in list(self._keys.items()):
            if next_account(self._home, key.name) == account and self._stands(account):
                self.adopt_key(account)

    def open_key(self, name: str, password: str) -> str:
        """Opens an operator's key of a member whose key is held here, and holds it too; its account. WrongPassword."""
        held = {key.name for key in self._keys.values() if policy.kind_of(key.name) == "member"}
        if member_of_key(name) not in held or member_of_key(name) == name:
            raise NotAllowed(f"{name} is no operator's key of a member of this signer.")
        key = open_keystore(self._home, name, password, development=self._settings.development)
        self._keys[key.account] = key
        return key.account

    # --- parts -------------------------------------------------------------------------------------------------------

    def _key(self, account: str) -> HeldKey:
        key = self._keys.get(checksummed(account)) if account else None
        if key is None:
            replaced = former_name(self._home, checksummed(account)) if account else None
            if replaced is not None:
                raise NotAuthenticated(
                    f"{account} is a former key of {replaced}: it was replaced, and its sessions ended with it.",
                    hint=f"Log in again: `suyuan session --as {replaced}`.",
                )
            raise NotFound(
                f"This signer does not hold the key of {account or 'nobody'}.",
                hint="Start the signer of that member, or name it with --members.",
            )
        return key

    def _member_key(self, account: str, what: str) -> HeldKey:
        key = self._key(account)
        if policy.kind_of(key.name) != "member":
            raise BadInput(f"The key {key.name} belongs to no member; only members {what}.")
        return key

    def _session(self, key: HeldKey, authority: Authority | None) -> Session:
        """The checked session that lets this key act now."""
        if authority is None:
            raise NotAuthenticated(
                f"A member's key signs only under a session of the member, and none came for {key.name}.",
                hint="Log in again: `suyuan session --as MEMBER`.",
            )
        now = int(self._clock())
        text = authority.to_json()
        session = self._checked.get(text)
        # A signature stays good; the time and the account must be looked at each time.
        if session is None or not session.issued_at - 60 <= now < session.until:
            session = check_authority(authority, now=now, audience=self._audience(), chain_id=self._settings.chain_id)
            if len(self._checked) > 10_000:
                self._checked.clear()
            self._checked[text] = session
        policy.require_same_account(key.account, session)
        return session

    def _audience(self) -> str:
        return account_of(self._home, policy.RELAY_NAME)

    def _current_deployment(self) -> Deployment:
        try:
            changed = self._home.deployment_file.stat().st_mtime_ns
        except FileNotFoundError:
            changed = -1  # load tells it in a sentence
        if self._deployment is None or self._deployment[0] != changed:
            self._deployment = (changed, Deployment.load(self._home))
        return self._deployment[1]


def salt_of(secret: bytes, event_hash: str) -> bytes:
    """32 bytes. BadInput unless the hash is 32 bytes in hex."""
    try:
        raw = bytes.fromhex(event_hash.removeprefix("0x"))
    except (ValueError, AttributeError):
        raw = b""
    if len(raw) != 32:
        raise BadInput(f"{event_hash!r} is no event hash: it must be 32 bytes in hex.")
    return hmac.digest(secret, raw, hashlib.sha256)


def _prepared(transaction: Mapping[str, Any]) -> dict[str, Any]:
    """What eth_account signs. BadInput for fields that are missing, malformed or not known here."""
    known = {*_QUANTITIES, "from", "to", "data"}
    unknown = set(transaction) - known
    if unknown:
        raise BadInput(f"Unknown fields in the transaction: {', '.join(sorted(unknown))}.")
    missing = [name for name in ("nonce", "gas", "chainId") if transaction.get(name) is None]
    if missing:
        raise BadInput(f"The transaction lacks {', '.join(missing)}.")
    try:
        prepared: dict[str, Any] = {
            name: int(transaction[name], 16) for name in _QUANTITIES if transaction.get(name) is not None
        }
        prepared["data"] = bytes.fromhex(str(transaction.get("data") or "0x").removeprefix("0x"))
    except (TypeError, ValueError):
        raise BadInput("A field of the transaction is not hexadecimal.") from None
    prepared.setdefault("value", 0)
    if transaction.get("to"):
        prepared["to"] = checksummed(str(transaction["to"]))
    return prepared
