"""What a bank account is known by in the rows: a hash of all that its signatures cover."""

from __future__ import annotations

import hashlib
import json


def account_identity(member: int, holder: str, number: str, bank_code: str, named_at: int) -> str:
    """SHA-256, hex. `named_at`: seconds since the Unix epoch."""
    parts = [member, holder, number, bank_code, named_at]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
