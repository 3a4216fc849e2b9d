"""Compressed Digital Links: a bit string in base64url, written out again (GS1 Digital Link Standard: Compression).

Each element is its AI, four bits a digit, and its value; frequent pairs of AIs have a code of two hex digits of which one
is a letter; a pair that is no AI's follows the bits 1111. Which parts an AI's value has is the dictionary's; consecutive
numbers are one part.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import ceil, log2
from urllib.parse import quote

from ledger.errors import BadInput
from ledger.trace.gs1 import Element
from ledger.trace.gs1.dictionary import ApplicationIdentifier, Component, find

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HEX = "0123456789abcdef"

# What two hex digits stand for when they are no start of an AI.
_PAIRS: dict[str, tuple[str, ...]] = {
    "0A": ("01", "22"), "0B": ("01", "10"), "0C": ("01", "21"), "0D": ("01", "17"), "0E": ("01", "7003"),
    "0F": ("01", "30"), "1A": ("01", "10", "21", "17"), "1B": ("01", "15"), "1C": ("01", "11"), "1D": ("01", "16"),
    "1E": ("01", "91"), "1F": ("01", "10", "15"), "9A": ("8010", "8011"), "9B": ("8017", "8019"),
    "9C": ("8018", "8019"), "9D": ("414", "254"),
    **{f"2{'ABCDEF'[n]}": ("01", f"310{n}") for n in range(6)},
    **{f"3{'ABCDEF'[n]}": ("01", f"320{n}") for n in range(6)},
    **{f"A{n}": ("01", f"392{n}") for n in range(10)},
    **{f"C{n}": ("255", f"390{n}") for n in range(10)},
    **{f"C{'ABCD'[n]}": ("255", f"394{n}") for n in range(4)},
}  # fmt: skip


def decompress(text: str) -> tuple[tuple[Element, ...], str]:
    """The elements in `text` and its other pairs as a query string. BadInput where it is no compressed Digital Link;
    values are not held to their rules here."""
    bits = _Bits(text)
    elements: list[Element] = []
    others: list[str] = []
    while bits.left >= 8:
        first = bits.number(4)
        if first == 0xF:
            others.append(_pair(bits))
            continue
        start = f"{first:X}{bits.number(4):X}"
        ais = _PAIRS.get(start) or (_ai(bits, start),)
        elements += [Element(ai, _value(bits, ai)) for ai in ais]
    if not elements or bits.number(bits.left):
        raise _refused()
    return tuple(elements), "&".join(others)


class _Bits:
    """Reads a string of base64url from its first bit on."""

    def __init__(self, text: str) -> None:
        if not text or any(character not in _BASE64 for character in text) or len(text) > 500:
            raise _refused()
        self._bits = "".join(f"{_BASE64.index(character):06b}" for character in text)
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._bits) - self._at

    def number(self, count: int) -> int:
        if count > self.left:
            raise _refused()
        self._at += count
        return int(self._bits[self._at - count : self._at] or "0", 2)


def _ai(bits: _Bits, start: str) -> str:
    """The AI that starts with these two digits."""
    while find(start) is None:
        if len(start) == 4 or not start.isdecimal():
            raise _refused()
        start += f"{bits.number(4):X}"
    return start


def _parts(entry: ApplicationIdentifier) -> Iterator[tuple[bool, int, bool]]:
    """For each part of a value whether it is a number, its (greatest) length, and whether that is its only length."""
    for (number, fixed), run in groupby(entry.components, _kind):
        yield number, sum(component.longest for component in run), fixed


def _kind(component: Component) -> tuple[bool, bool]:
    return component.character_set == "N", component.shortest == component.longest and not component.optional


def _value(bits: _Bits, ai: str) -> str:
    entry = find(ai)
    if entry is None:
        raise _refused()
    value = ""
    for number, longest, fixed in _parts(entry):
        encoding = 0 if number else bits.number(3)
        length = longest if fixed else bits.number(ceil(log2(longest) + 0.01))
        value += _text(bits, encoding, length)
    return value


def _pair(bits: _Bits) -> str:
    name = _text(bits, 3, bits.number(7))
    encoding = bits.number(3)
    return f"{quote(name, safe='')}={quote(_text(bits, encoding, bits.number(7)), safe='')}"


def _text(bits: _Bits, encoding: int, length: int) -> str:
    """`length` characters: digits as one number, else character by character in hex, base64url or ASCII."""
    if encoding == 0:
        digits = f"{bits.number(ceil(length * log2(10) + 0.01)):0{length}d}" if length else ""
        if len(digits) > length:
            raise _refused()
        return digits
    if encoding in (1, 2):
        text = "".join(_HEX[bits.number(4)] for _ in range(length))
        return text if encoding == 1 else text.upper()
    if encoding == 3:
        return "".join(_BASE64[bits.number(6)] for _ in range(length))
    if encoding == 4:
        return "".join(chr(bits.number(7)) for _ in range(length))
    raise _refused()


def _refused() -> BadInput:
    return BadInput(
        "This address is no GS1 Digital Link, neither written out nor compressed.",
        hint="A scanned code has the form /01/{gtin}/10/{lot}/21/{serial}; scan it again.",
    )
