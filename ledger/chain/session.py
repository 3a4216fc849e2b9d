"""Sessions: a member signs once that an audience may have its signer act within a scope until a time.

The bearer token carries session, signature and a random secret; what is stored beside a queued transaction
(`Authority`) carries session and signature only, so that whoever reads the database cannot log in with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from eth_utils.address import is_address

from ledger.chain.typed_data import TypedData, session_message, sign_message, signer_of
from ledger.errors import BadInput, NotAuthenticated

EVERYDAY_SCOPES = (
    "capture", "orders", "refund", "deliver", "settle", "withdraw", "rules", "codes", "recall", "grants", "bank",
    "freeze", "webhooks",
)  # fmt: skip

SCOPES = (*EVERYDAY_SCOPES, "council", "keys", "accounts")
"""The last three decide about the consortium, about who the member is, and where its money goes: a session covers them only where they are named,
so that no website gets them along with the rest."""

#: Clocks of two machines differ: a session may be this many seconds ahead of ours.
CLOCK_SKEW_SECONDS = 60

_LOG_IN = "Log in again: `suyuan session --as MEMBER`."


@dataclass(frozen=True)
class Session:
    """What the member signed. Times are Unix seconds; `token_hash` is SHA-256 of the token's secret, hex without 0x."""

    member: int
    account: str
    audience: str
    scope: str
    issued_at: int
    until: int
    token_hash: str
    chain_id: int

    def words(self) -> frozenset[str]:
        return frozenset(self.scope.split())

    def message(self) -> TypedData:
        """The EIP-712 message."""
        return session_message(**asdict(self))


@dataclass(frozen=True)
class Authority:
    """A session with the member's signature (65 bytes): what a signer wants to see before it signs."""

    session: Session
    signature: bytes

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), separators=(",", ":"), sort_keys=True)

    def as_dict(self) -> dict[str, Any]:
        return {"session": asdict(self.session), "signature": "0x" + self.signature.hex()}

    @staticmethod
    def from_json(text: str) -> Authority:
        """NotAuthenticated when it cannot be read."""
        try:
            return _authority(json.loads(text))
        except (ValueError, TypeError, KeyError) as error:
            raise NotAuthenticated(f"The session cannot be read ({error}).", hint=_LOG_IN) from None


def new_session(
    *, member: int, account: str, audience: str, scope: str, now: int, seconds: int, chain_id: int
) -> tuple[Session, bytes]:
    """A session to be signed, and the 32-byte secret of its token. BadInput for a word that is no scope."""
    words = scope.split()
    unknown = [word for word in words if word not in SCOPES]
    if unknown or not words:
        raise BadInput(f"Unknown scope: {', '.join(unknown) or '(none)'}.", hint=f"Use some of: {' '.join(SCOPES)}.")
    if seconds <= 0:
        raise BadInput("A session must last at least a second.")
    secret = secrets.token_bytes(32)
    ordered = " ".join(word for word in SCOPES if word in words)
    token_hash = hashlib.sha256(secret).hexdigest()
    return Session(member, account, audience, ordered, now, now + seconds, token_hash, chain_id), secret


def sign_session(session: Session, private_key: bytes) -> Authority:
    """Done by whoever holds the member's key: its signer, or the member's own wallet."""
    return Authority(session, sign_message(session.message(), private_key))


def encode_token(authority: Authority, secret: bytes) -> str:
    """base64url without padding (RFC 4648, section 5) of JSON: session, signature, secret."""
    body = {**authority.as_dict(), "secret": secret.hex()}
    return base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode_token(token: str) -> tuple[Authority, bytes]:
    """Session, signature and secret, not checked yet. NotAuthenticated when it is no token."""
    try:
        raw = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        return _authority(raw), bytes.fromhex(raw["secret"])
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
        raise NotAuthenticated("This is not a session token.", hint=_LOG_IN) from None


def check_authority(authority: Authority, *, now: int, audience: str, chain_id: int | None = None) -> Session:
    """(1) for us, (2) in time, (3) signed by the account that it names. NotAuthenticated with the first that fails."""
    session = authority.session
    if session.audience.lower() != audience.lower():
        raise NotAuthenticated(
            "The session was signed for another service.",
            hint="Log in at this one.",
            expected=audience,
            actual=session.audience,
        )
    if chain_id is not None and session.chain_id != chain_id:
        raise NotAuthenticated(
            f"The session was signed for chain {session.chain_id}, and this is chain {chain_id}.", hint=_LOG_IN
        )
    if session.issued_at > now + CLOCK_SKEW_SECONDS:
        raise NotAuthenticated("The session begins in the future.", hint="Check the clocks of both machines.")
    if session.until <= now:
        raise NotAuthenticated(f"The session ended {now - session.until} seconds ago.", hint=_LOG_IN)
    signer = signer_of(session.message(), authority.signature)
    if signer.lower() != session.account.lower():
        raise NotAuthenticated(
            "The session carries the signature of another account.",
            hint="Have the member itself sign it.",
            expected=session.account,
            actual=signer,
        )
    return session


def verify_token(
    token: str | None,
    *,
    now: int,
    audience: str,
    account_of_member: Callable[[int], str | None],
    chain_id: int | None = None,
) -> Session:
    """The session of a bearer token: (1) it is one, (2) its secret is the one signed for, (3) `check_authority`,
    (4) the account is the member's. NotAuthenticated with the first that fails.

    `audience` is the relay account of this API; `account_of_member` gives None for an unknown member.
    """
    if not token:
        raise NotAuthenticated("There is no session token.", hint=_LOG_IN)
    authority, secret = decode_token(token)
    session = authority.session
    if not hmac.compare_digest(hashlib.sha256(secret).hexdigest(), session.token_hash):
        raise NotAuthenticated("The token's secret is not the one that the member signed for.", hint=_LOG_IN)
    check_authority(authority, now=now, audience=audience, chain_id=chain_id)
    account = account_of_member(session.member)
    if account is None:
        raise NotAuthenticated(f"There is no member {session.member}.", hint="Have the consortium admit it first.")
    if account.lower() != session.account.lower():
        raise NotAuthenticated(
            f"The session says it is member {session.member}, and another account signed it.",
            hint="Log in as the member whose key you hold.",
            expected=account,
            actual=session.account,
        )
    return session


def authority_of_token(token: str) -> Authority:
    """What to store with a queued transaction. Verify the token first."""
    return decode_token(token)[0]


def _authority(raw: dict[str, Any]) -> Authority:
    fields = raw["session"]
    numbers = {name: fields[name] for name in ("member", "issued_at", "until", "chain_id")}
    texts = {name: fields[name] for name in ("account", "audience", "scope", "token_hash")}
    if not all(type(value) is int and 0 <= value < 2**63 for value in numbers.values()):
        raise ValueError("a number is missing")
    if not all(isinstance(value, str) for value in texts.values()):
        raise ValueError("a text is missing")
    if not (is_address(texts["account"]) and is_address(texts["audience"])):
        raise ValueError("an account is malformed")
    if len(bytes.fromhex(texts["token_hash"])) != 32 or numbers["member"] >= 2**32:
        raise ValueError("the token's hash or the member is malformed")
    return Authority(Session(**numbers, **texts), bytes.fromhex(raw["signature"].removeprefix("0x")))
