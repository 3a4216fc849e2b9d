"""Values of dynamic types, a whole column at a time; what `abi_values` reads one by one.

The data of all logs stand side by side, and so do the places where each one's tail begins. Bytes, text and arrays of words
are cut out of them without a step of Python for each word. Only the layout that encoders write; Odd for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from ledger.index.abi_types import WORD, AbiType
from ledger.index.abi_values import reader
from ledger.index.abi_words import Odd, Words, word_reader

ColumnReader = Callable[[Sequence[bytes], Sequence[int]], tuple[Sequence[Any], Sequence[int]]]
"""(data, places) to (values, the places behind them)."""


def column_reader(of: AbiType) -> ColumnReader:
    """Reads a column of this dynamic type."""
    if of.kind in {"bytes", "string"}:
        return _bytes
    if of.kind == "array" and of.size is None and not of.parts[0].composite and not of.parts[0].dynamic:
        return _words(of.parts[0])
    return _one_by_one(of)


def _lengths(datas: Sequence[bytes], places: Sequence[int]) -> Sequence[int]:
    words = b"".join([data[at : at + WORD] for data, at in zip(datas, places, strict=True)])
    if len(words) != WORD * len(datas):
        raise Odd
    lengths = Words(words).column().small()
    if max(lengths) > max(map(len, datas)):
        raise Odd
    return lengths


def _bytes(datas: Sequence[bytes], places: Sequence[int]) -> tuple[Sequence[bytes], Sequence[int]]:
    lengths = _lengths(datas, places)
    starts = [at + WORD for at in places]
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    behind = [start + ((length + 31) & -32) for start, length in zip(starts, lengths, strict=True)]
    padding = b"".join([data[end:next_] for data, end, next_ in zip(datas, ends, behind, strict=True)])
    if len(padding) != sum(behind) - sum(ends) or padding.strip(b"\x00"):
        raise Odd
    return [data[start:end] for data, start, end in zip(datas, starts, ends, strict=True)], behind


def _words(element: AbiType) -> ColumnReader:
    read = word_reader(element)

    def column(datas: Sequence[bytes], places: Sequence[int]) -> tuple[Sequence[Any], Sequence[int]]:
        lengths = _lengths(datas, places)
        ends = [at + WORD + WORD * length for at, length in zip(places, lengths, strict=True)]
        words = b"".join([data[at + WORD : end] for data, at, end in zip(datas, places, ends, strict=True)])
        if len(words) != WORD * sum(lengths):
            raise Odd
        values = read(Words(words).column())
        cuts = list(accumulate(lengths, initial=0))
        return [tuple(values[first:last]) for first, last in pairwise(cuts)], ends

    return column


def _one_by_one(of: AbiType) -> ColumnReader:
    read = reader(of)

    def column(datas: Sequence[bytes], places: Sequence[int]) -> tuple[Sequence[Any], Sequence[int]]:
        both = [read(data, at) for data, at in zip(datas, places, strict=True)]
        return [value for value, _ in both], [end for _, end in both]

    return column
