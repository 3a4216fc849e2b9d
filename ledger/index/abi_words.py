"""Whole columns of 32-byte words into values, and nothing but the one encoding that each value has.

A word comes as four unsigned 64-bit numbers, the highest first: a column of n words as the slices of one `struct.unpack`.
So a column of small numbers costs a few C calls and no Python a row. `Odd` says that some word is not what an encoder
writes; who is asked then is `ledger.index.event_columns`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from ledger.index.abi_types import AbiType

_ALL_ONES = 2**64 - 1

Quads = tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]]
"""A column of words, cut in four: the highest 64 bits of each, and so on."""

WordReader = Callable[[Quads], Sequence[Any]]


class Odd(Exception):
    """This is not the encoding that an encoder gives."""


def quads_of(words: bytes, first: int = 0, step: int = 1) -> Quads:
    """The column of words first, first + step, first + 2 step ... of `words`."""
    return cut(struct.unpack(f">{len(words) // 8}Q", words), first, step)


def cut(numbers: Sequence[int], first: int, step: int) -> Quads:
    """As `quads_of`, of words that were unpacked already."""
    start, by = 4 * first, 4 * step
    return numbers[start::by], numbers[start + 1 :: by], numbers[start + 2 :: by], numbers[start + 3 :: by]


def word_reader(of: AbiType) -> WordReader:
    """Reads a column of words of this elementary static type."""
    size = of.size or 0
    if of.kind == "uint":
        return _uint(size)
    if of.kind == "int":
        return _int(size)
    if of.kind == "bool":
        return _bools
    if of.kind == "address":
        return _addresses
    return _fixed_bytes(size)


def _uint(bits: int) -> WordReader:
    def read(quads: Quads) -> Sequence[int]:
        first, second, third, values = quads
        if any(third) or any(second) or any(first):
            whole = [(a << 192) | (b << 128) | (c << 64) | d for a, b, c, d in zip(*quads, strict=True)]
            if bits < 256 and max(whole) >> bits:
                raise Odd
            return whole
        if bits < 64 and values and max(values) >> bits:
            raise Odd
        return values

    return read


def _int(bits: int) -> WordReader:
    limit = 1 << (bits - 1)

    def read(quads: Quads) -> Sequence[int]:
        first, second, third, low = quads
        if not (any(third) or any(second) or any(first)) and (not low or max(low) < min(limit, 1 << 63)):
            return low
        unsigned = ((a << 192) | (b << 128) | (c << 64) | d for a, b, c, d in zip(*quads, strict=True))
        whole = [value - (1 << 256) if value >> 255 else value for value in unsigned]
        if max(whole) >= limit or min(whole) < -limit:
            raise Odd
        return whole

    return read


def _bools(quads: Quads) -> Sequence[bool]:
    first, second, third, values = quads
    if any(third) or any(second) or any(first) or (values and max(values) > 1):
        raise Odd
    return [value == 1 for value in values]


def _addresses(quads: Quads) -> Sequence[bytes]:
    first, second, third, last = quads
    if any(first) or (second and max(second) >> 32):
        raise Odd
    packed = struct.Struct(">LQQ").pack
    return [packed(a, b, c) for a, b, c in zip(second, third, last, strict=True)]


def _fixed_bytes(size: int) -> WordReader:
    packed = struct.Struct(">QQQQ").pack
    padding = bytes(32 - size)

    def read(quads: Quads) -> Sequence[bytes]:
        words = [packed(*each) for each in zip(*quads, strict=True)]
        if padding:
            if any(word[size:] != padding for word in words):
                raise Odd
            return [word[:size] for word in words]
        return words

    return read
