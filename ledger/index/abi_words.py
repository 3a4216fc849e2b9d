"""Whole columns of 32-byte words into values, and nothing but the one encoding that each value has.

A word is four unsigned 64-bit numbers, the highest first. A column is cut out of an array of them with a step, so small
numbers cost a few C calls and no Python a row; what is bytes is cut out of the data itself. `Odd` says that some word is
not what an encoder writes; who is asked then is `ledger.index.event_columns`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from ledger.index.abi_types import WORD, AbiType

_NUMBER = 8  # bytes


class Odd(Exception):
    """This is not the encoding that an encoder gives."""


class Words:
    """Words side by side, whole ones. ValueError when asked for numbers of what is no whole number of words."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def numbers(self) -> array[int]:
        numbers = array("Q", self.data)
        if sys.byteorder == "little":
            numbers.byteswap()
        return numbers

    def column(self, first: int = 0, step: int = 1) -> WordColumn:
        """The words first, first + step, first + 2 step ..."""
        return WordColumn(self, first, step)


class WordColumn:
    """Some of the words, at even distances."""

    def __init__(self, words: Words, first: int, step: int) -> None:
        self._words = words
        self._first, self._step = first, step

    def quads(self) -> tuple[array[int], array[int], array[int], array[int]]:
        """The highest 64 bits of each word, and so on."""
        numbers, start, by = self._words.numbers, 4 * self._first, 4 * self._step
        return numbers[start::by], numbers[start + 1 :: by], numbers[start + 2 :: by], numbers[start + 3 :: by]

    def cells(self, begin: int = 0, end: int = WORD) -> list[bytes]:
        """Bytes `begin` to `end` of each word."""
        data, size = self._words.data, end - begin
        places = range(WORD * self._first + begin, len(data), WORD * self._step)
        return [data[place : place + size] for place in places]

    def small(self) -> list[int]:
        """Numbers of up to 64 bits. Odd when one is larger."""
        first, second, third, values = self.quads()
        if not (_blank(third) and _blank(second) and _blank(first)):
            raise Odd
        return values.tolist()


WordReader = Callable[[WordColumn], Sequence[Any]]


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


def _blank(numbers: array[int]) -> bool:
    """All zero."""
    return numbers.tobytes() == bytes(_NUMBER * len(numbers))


def _uint(bits: int) -> WordReader:
    def read(words: WordColumn) -> Sequence[int]:
        quads = words.quads()
        first, second, third, low = quads
        if _blank(third) and _blank(second) and _blank(first):
            values = low.tolist()
            if bits < 64 and values and max(values) >> bits:
                raise Odd
            return values
        whole = [(a << 192) | (b << 128) | (c << 64) | d for a, b, c, d in zip(*quads, strict=True)]
        if bits < 256 and max(whole) >> bits:
            raise Odd
        return whole

    return read


def _int(bits: int) -> WordReader:
    limit = 1 << (bits - 1)

    def read(words: WordColumn) -> Sequence[int]:
        quads = words.quads()
        first, second, third, low = quads
        if _blank(third) and _blank(second) and _blank(first):
            values = low.tolist()
            if not values or max(values) < min(limit, 1 << 63):
                return values
        unsigned = ((a << 192) | (b << 128) | (c << 64) | d for a, b, c, d in zip(*quads, strict=True))
        whole = [value - (1 << 256) if value >> 255 else value for value in unsigned]
        if max(whole) >= limit or min(whole) < -limit:
            raise Odd
        return whole

    return read


def _bools(words: WordColumn) -> Sequence[bool]:
    values = words.small()
    if values and max(values) > 1:
        raise Odd
    return list(map(bool, values))


def _addresses(words: WordColumn) -> Sequence[bytes]:
    first, second, _, _ = words.quads()
    if not _blank(first) or (second and max(second) >> 32):
        raise Odd
    return words.cells(12)


def _fixed_bytes(size: int) -> WordReader:
    def read(words: WordColumn) -> Sequence[bytes]:
        if size < WORD and b"".join(words.cells(size)).strip(b"\x00"):
            raise Odd
        return words.cells(0, size)

    return read
