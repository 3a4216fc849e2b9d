"""One encoded value of any type, read at its place; only in the layout that encoders write (Solidity ABI v2, strict mode).

There every tail stands right behind the one before it, in order, and padding is zero: so a value has one encoding, and
bytes that are read can be written again as they were. `Odd` for everything else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from ledger.index.abi_types import WORD, AbiType
from ledger.index.abi_words import Odd, Words, word_reader

Reader = Callable[[bytes, int], tuple[Any, int]]
"""(data, place) to (value, the place behind it). Numbers are int, text and bytes are bytes, arrays and tuples tuples."""

_WORD = struct.Struct(">QQQQ")
_PADDING = tuple(bytes(length) for length in range(WORD))


def reader(of: AbiType) -> Reader:
    """Reads one value of this type: of a dynamic type the place is that of its tail."""
    if of.kind in {"bytes", "string"}:
        return read_bytes
    if of.kind == "array":
        return _array(of.parts[0], of.size)
    if of.kind == "tuple":
        return sequence(of.parts)
    read = word_reader(of)

    def word(data: bytes, at: int) -> tuple[Any, int]:
        end = at + WORD
        if end > len(data):
            raise Odd
        return read(Words(data[at:end]).column())[0], end

    return word


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """`bytes` or `string`: its length, its bytes, zeros up to a whole word."""
    start = at + WORD
    length = read_length(data, at)
    end, padded = start + length, start + ((length + 31) & -32)
    if padded > len(data) or data[end:padded] != _PADDING[padded - end]:
        raise Odd
    return data[start:end], padded


def read_length(data: bytes, at: int) -> int:
    """The number in the word at this place. Odd when it is more than the data has bytes."""
    if at + WORD > len(data):
        raise Odd
    first, second, third, length = _WORD.unpack_from(data, at)
    if first or second or third or length > len(data):
        raise Odd
    return int(length)


def sequence(parts: Sequence[AbiType]) -> Reader:
    """Several values side by side: heads, then the tails in order."""
    readers = [(reader(part), part.dynamic) for part in parts]
    head = WORD * sum(part.words for part in parts)

    def read(data: bytes, at: int) -> tuple[tuple[Any, ...], int]:
        place, tail, values = at, at + head, []
        for part, dynamic in readers:
            if dynamic:
                if at + read_length(data, place) != tail:
                    raise Odd
                value, tail = part(data, tail)
                place += WORD
            else:
                value, place = part(data, place)
            values.append(value)
        return tuple(values), tail

    return read


def _array(element: AbiType, size: int | None) -> Reader:
    if element.words == 1 and not element.dynamic and not element.composite:
        return _words(element, size)
    one, head = reader(element), WORD * element.words

    def read(data: bytes, at: int) -> tuple[tuple[Any, ...], int]:
        base, count = (at + WORD, read_length(data, at)) if size is None else (at, size)
        place, tail, values = base, base + head * count, []
        if tail > len(data):
            raise Odd
        for _ in range(count):
            if element.dynamic:
                if base + read_length(data, place) != tail:
                    raise Odd
                value, tail = one(data, tail)
                place += WORD
            else:
                value, place = one(data, place)
            values.append(value)
        return tuple(values), tail

    return read


def _words(element: AbiType, size: int | None) -> Reader:
    column = word_reader(element)

    def read(data: bytes, at: int) -> tuple[tuple[Any, ...], int]:
        start, count = (at + WORD, read_length(data, at)) if size is None else (at, size)
        end = start + WORD * count
        if end > len(data):
            raise Odd
        return tuple(column(Words(data[start:end]).column())) if count else (), end

    return read
