"""Values as texts that every database keeps alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder(order="sorted")


def json_text(value: Any) -> str:
    """JSON in one form only: the same value always gives the same text."""
    return _ENCODER.encode(value).decode()


def json_texts(columns: Mapping[str, Sequence[int | str]]) -> Iterable[str]:
    """`json_text` of many objects with the same members, given in columns. `columns` by names of arguments."""
    names = sorted(columns)
    template = "{" + ",".join(f"{json_text(name)}:%s" for name in names) + "}"
    values = [column if _numbers(column) else map(json_text, column) for column in (columns[name] for name in names)]
    return (template % each for each in zip(*values, strict=True))


def _numbers(column: Sequence[int | str]) -> bool:
    return all(type(value) is int for value in column)


def hex32s(values: Iterable[bytes]) -> list[str]:
    return [f"0x{value.hex()}" for value in values]


def hex32(value: bytes) -> str:
    """With prefix, as transactions and EVM tools write it."""
    return f"0x{value.hex()}"


def storable(text: str | None) -> str | None:
    """PostgreSQL keeps no NUL in text."""
    return text.replace("\x00", "\\u0000") if text is not None else None


def rows_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with every text storable."""
    return [{name: storable(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]
