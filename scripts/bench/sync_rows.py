"""What an index holds of the mixed events, in one form whoever made it: so that two can be compared by a checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import create_engine, text

TABLES = {
    "log_noted": ("topic", "by", "number", "text"),
    "log_listed": ("list", "amounts", "closed"),
    "log_moved": ("lot", "place", "amount"),
}
PLACE = ("block", "log_index", "tx_hash", "address")


def checksum(url: str, schema: str | None = None) -> tuple[int, str]:
    """The number of rows, and SHA-256 over all of them in the order of the chain."""
    engine, digest, count = create_engine(url), hashlib.sha256(), 0
    prefix = f'"{schema}".' if schema else ""
    with engine.connect() as connection:
        for table, arguments in TABLES.items():
            names = ", ".join(f'"{name}"' for name in (*PLACE, *arguments))
            statement = f'SELECT {names} FROM {prefix}"{table}" ORDER BY block, log_index'  # noqa: S608  # names of ours
            for row in connection.execution_options(yield_per=5_000).execute(text(statement)):
                digest.update(line(row).encode())
                count += 1
    engine.dispose()
    return count, digest.hexdigest()


def line(row: Iterable[Any]) -> str:
    return json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"0x{bytes(value).hex()}"
    if isinstance(value, bool):
        return str(int(value))
    told = str(value)
    if told.isdigit():
        return told.lstrip("0") or "0"  # SQLite keeps wide numbers as digits, filled up with zeros
    return told.lower() if told.startswith("0x") else told
