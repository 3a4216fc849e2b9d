"""Asking a signer: signatures, salts and sessions over JSON-RPC. Holds no key; checks who signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eth_account import Account
from eth_utils.address import is_same_address

import ledger.errors
from ledger.chain.keystore import SIGNER_HEADER, secret_file
from ledger.chain.rpc import Rpc, RpcFault
from ledger.chain.session import Authority, Session, check_authority
from ledger.chain.typed_data import TypedData, signer_of
from ledger.config import Home, Settings
from ledger.errors import BrokenEvidence, SuyuanError, Unavailable

BATCH_LIMIT = 250


@dataclass(frozen=True)
class SigningRequest:
    """A transaction (integer quantities, `to` and `data` as 0x hex) to be signed by `account`."""

    transaction: dict[str, Any]
    account: str
    authority: Authority | None


class SignerClient:
    """One signer. Errors: Unavailable when it is away, else what it refused with (NotAllowed, ...)."""

    def __init__(self, url: str, secret: str | None, *, home: Home | None = None) -> None:
        self.url = url
        self._secret = secret
        self._home = home
        self._rpc: Rpc | None = None

    @staticmethod
    def of(home: Home, settings: Settings) -> SignerClient:
        """The signer of a home. Its secret is read at the first call: the signer may start later than its client."""
        return SignerClient(settings.signer_url, None, home=home)

    def accounts(self) -> list[str]:
        return [str(account) for account in self._one("eth_accounts", [])]

    def sign_transaction(self, transaction: dict[str, Any], account: str, authority: Authority | None) -> bytes:
        """The raw signed transaction, from `account` for sure."""
        (signed,) = self.sign_many([SigningRequest(transaction, account, authority)])
        if isinstance(signed, SuyuanError):
            raise signed
        return signed

    def sign_many(self, requests: Sequence[SigningRequest]) -> list[bytes | SuyuanError]:
        """In the order asked; a refusal stands in its place. Unavailable when the signer is away."""
        calls = [
            ("eth_signTransaction", [_hexed(request), request.authority and request.authority.as_dict()])
            for request in requests
        ]
        signed: list[bytes | SuyuanError] = []
        for request, given in zip(requests, self._connection().batch(calls), strict=True):
            if isinstance(given, RpcFault):
                signed.append(_refusal(given))
                continue
            raw = bytes.fromhex(str(given).removeprefix("0x"))
            sender = str(Account.recover_transaction(raw))
            if not is_same_address(sender, request.account):
                raise BrokenEvidence(
                    f"The signer at {self.url} signed as {sender}, not as {request.account}.",
                    hint="Check which signer answers there.",
                )
            signed.append(raw)
        return signed

    def sign_typed_data(self, account: str, typed: TypedData, authority: Authority) -> bytes:
        """65 bytes: r, s, v (EIP-712), by `account` for sure."""
        given = self._one("eth_signTypedData", [account, typed, authority.as_dict()])
        signature = bytes.fromhex(str(given).removeprefix("0x"))
        signer = signer_of(typed, signature)
        if not is_same_address(signer, account):
            raise BrokenEvidence(f"The signer at {self.url} signed as {signer}, not as {account}.")
        return signature

    def salts(self, account: str, event_hashes: Sequence[str], authority: Authority) -> list[str]:
        """One salt (32 bytes, hex) for each event hash (32 bytes, hex)."""
        given = self._one("suyuan_salts", [account, list(event_hashes), authority.as_dict()])
        return [str(salt) for salt in given]

    def open_session(self, session: Session, password: str) -> Authority:
        """Has the member's signer sign a session for whoever knows the member's password (WrongPassword)."""
        given = self._one("suyuan_openSession", [asdict(session), password])
        authority = Authority(session, bytes.fromhex(str(given["signature"]).removeprefix("0x")))
        check_authority(authority, now=session.issued_at, audience=session.audience)
        return authority

    def next_key(self, account: str, password: str) -> str:
        """The account of the key that is to follow the member's; the signer makes it on the first call."""
        return str(self._one("suyuan_nextKey", [account, password]))

    def adopt_key(self, account: str) -> None:
        """Has the signer switch to the next key. Conflict until the chain says that it is the member's account."""
        self._one("suyuan_adoptKey", [account])

    def open_key(self, name: str, password: str) -> str:
        """Has the signer hold an operator's key of its member, too; returns its account."""
        return str(self._one("suyuan_openKey", [name, password]))

    # --- parts -------------------------------------------------------------------------------------------------------

    def _one(self, method: str, params: list[Any]) -> Any:
        (given,) = self._connection().batch([(method, params)])
        if isinstance(given, RpcFault):
            raise _refusal(given)
        return given

    def _connection(self) -> Rpc:
        if self._rpc is None:
            hint = "Start it: `suyuan up`, or `python -m ledger.chain.signer --home DIR`."
            headers = {SIGNER_HEADER: self._secret or self._read_secret(hint)}
            self._rpc = Rpc(self.url, BATCH_LIMIT, who="The signer", hint=hint, headers=headers)
        return self._rpc

    def _read_secret(self, hint: str) -> str:
        if self._home is None:
            raise Unavailable("The signer's local secret is not known.")
        try:
            return secret_file(self._home).read_text(encoding="utf-8").strip()
        except OSError:
            where = str(secret_file(self._home))
            raise Unavailable("The signer of this home was never started.", where=where, hint=hint) from None


def _hexed(request: SigningRequest) -> dict[str, Any]:
    """As eth_signTransaction takes it: quantities in 0x hex."""
    fields = {name: hex(value) if isinstance(value, int) else value for name, value in request.transaction.items()}
    return {**fields, "from": request.account}


def _refusal(fault: RpcFault) -> SuyuanError:
    """The signer's error as the same class that it raised there."""
    data = fault.data if isinstance(fault.data, dict) else {}
    kind = getattr(ledger.errors, str(data.get("kind")), None)
    if isinstance(kind, type) and issubclass(kind, SuyuanError):
        return kind(fault.message, where=data.get("where"), hint=data.get("hint"))
    return Unavailable(f"The signer refused: {fault.message}", code=fault.code)
