"""Integers of up to 256 bits in a column: NUMERIC(78, 0) on PostgreSQL; on SQLite a number, or its digits beyond 63 bits.

SQLite's column has no affinity (it is declared BLOB), so that nothing turns digits into a float.
"""

from __future__ import annotations

import struct
from typing import Any

from sqlalchemy import Dialect, LargeBinary, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

DIGITS = 78  # of 2**256
_SMALL = 2**63
_BASE = 10_000
_ONE_DIGIT, _TWO_DIGITS = struct.Struct(">ihhHhh").pack, struct.Struct(">ihhHhhh").pack


class WideInteger(TypeDecorator[int]):
    """int in Python."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(LargeBinary() if dialect.name == "sqlite" else Numeric(DIGITS, 0))

    def bind_processor(self, dialect: Dialect) -> Any:
        return small_or_text if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _int


def small_or_text(value: int | None) -> int | str | None:
    """Digits are filled up with zeros, so that they sort as the numbers do."""
    if value is None or -_SMALL <= value < _SMALL:
        return value
    return f"{value:0{DIGITS}d}"


def pack_numeric(value: int) -> bytes:
    """PostgreSQL's binary NUMERIC with its length before it: digits to the base of 10,000, the highest first."""
    if 0 < value < _BASE:
        return _ONE_DIGIT(10, 1, 0, 0, 0, value)
    if _BASE <= value < _BASE**2:
        return _TWO_DIGITS(12, 2, 1, 0, 0, *divmod(value, _BASE))
    sign, left, digits = (0x4000, -value, []) if value < 0 else (0, value, [])
    while left:
        left, digit = divmod(left, _BASE)
        digits.append(digit)
    digits.reverse()
    count = len(digits)
    return struct.pack(f">ihhHh{count}h", 8 + 2 * count, count, count - 1 if count else 0, sign, 0, *digits)


def _int(value: Any) -> int | None:
    return None if value is None else int(value)
