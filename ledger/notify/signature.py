"""Standard Webhooks 1.0.0: secrets and signatures.

A webhook's secret is derived from this home's key, the webhook's id and the number of the secret: it is shown once and
stored nowhere, and who reads the database cannot sign.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from ledger.config import Home
from ledger.errors import BadInput
from ledger.store.atomic import create_atomically

PREFIX: Final = "whsec_"

_KEY_BYTES = 32


def load_webhook_key(home: Home) -> bytes:
    """This home's webhook key, 32 random bytes in `keys/webhooks.key` (mode 0600), made on first use."""
    path = home.keys / "webhooks.key"
    if not path.exists():
        home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        create_atomically(path, secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BadInput(
            f"The webhook key holds {len(key)} bytes instead of {_KEY_BYTES}.",
            where=str(path),
            hint="Restore it from a copy, or remove it: every webhook's secret then changes, and must be rotated.",
        )
    return key


def secret_of(key: bytes, webhook: str, number: int) -> bytes:
    """The webhook's secret with this number: 32 bytes."""
    return hmac.digest(key, f"suyuan webhook v1/{webhook}/{number}".encode(), "sha256")


def shown(secret: bytes) -> str:
    """As its receiver keeps it (section "Signature scheme")."""
    return PREFIX + base64.b64encode(secret).decode("ascii")


def headers_of(secrets_: Sequence[bytes], message: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of one attempt at `at` (Unix seconds): signed with each secret, the newest first."""
    content = f"{message}.{at}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(one, content, "sha256")).decode("ascii") for one in secrets_]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
