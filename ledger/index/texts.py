"""Values as texts that every database keeps alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def json_text(value: Any) -> str:
    """JSON in one form only: the same value always gives the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hex32(value: bytes) -> str:
    """With prefix, as transactions and EVM tools write it."""
    return f"0x{value.hex()}"


def storable(text: str | None) -> str | None:
    """PostgreSQL keeps no NUL in text."""
    return text.replace("\x00", "\\u0000") if text is not None else None


def rows_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with every text storable."""
    return [{name: storable(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]
