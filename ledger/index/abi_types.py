"""The types of a contract's ABI (Solidity ABI v2), read from its JSON.

`fixedMxN` and `ufixedMxN` stand as the integers on the wire, that is, the value times 10 to the N. A `function` stands as
its 24 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from ledger.errors import BadInput

Kind = Literal["uint", "int", "bool", "address", "fixed_bytes", "bytes", "string", "array", "tuple"]

WORD = 32

_ALIASES = {"uint": "uint256", "int": "int256", "byte": "bytes1", "fixed": "fixed128x18", "ufixed": "ufixed128x18"}
_SIMPLE: dict[str, tuple[Kind, int]] = {
    "bool": ("bool", 1),
    "address": ("address", 160),
    "function": ("fixed_bytes", 24),
    "bytes": ("bytes", 0),
    "string": ("string", 0),
}


@dataclass(frozen=True)
class AbiType:
    """`name` is the canonical name that signatures are made of.

    `size`: bits of a number, bytes of a `fixed_bytes`, elements of an array of fixed length (None: dynamic).
    `parts`: an array's element, or a tuple's components; `names` are the components' names, "" where they have none.
    """

    name: str
    kind: Kind
    size: int | None
    parts: tuple[AbiType, ...] = ()
    names: tuple[str, ...] = ()

    @cached_property
    def dynamic(self) -> bool:
        """Encoded in the tail, at an offset that the head holds."""
        if self.kind == "array":
            return self.size is None or self.parts[0].dynamic
        return self.kind in {"bytes", "string"} or any(part.dynamic for part in self.parts)

    @cached_property
    def words(self) -> int:
        """32-byte words that it takes in the head; 1 where it is dynamic."""
        if self.dynamic:
            return 1
        if self.kind == "array":
            return (self.size or 0) * self.parts[0].words
        return sum(part.words for part in self.parts) if self.kind == "tuple" else 1

    @cached_property
    def composite(self) -> bool:
        return bool(self.parts)

    @cached_property
    def wire(self) -> str:
        """A type with the same encoding whose values lose nothing: text as bytes, fixed-point numbers as integers."""
        if self.kind == "tuple":
            return f"({','.join(part.wire for part in self.parts)})"
        if self.kind == "array":
            return f"{self.parts[0].wire}[{'' if self.size is None else self.size}]"
        if self.kind in {"uint", "int"}:
            return f"{self.kind}{self.size}"
        return f"bytes{self.size}" if self.kind == "fixed_bytes" else "bytes" if self.kind == "string" else self.name


def type_of(entry: Mapping[str, Any]) -> AbiType:
    """The type of one input of an ABI's JSON. BadInput when there is no such type."""
    return _parsed(str(entry["type"]), entry.get("components", ()))


def _parsed(text: str, components: Sequence[Mapping[str, Any]]) -> AbiType:
    array = re.fullmatch(r"(.*)\[(\d*)\]", text)
    if array is not None:
        inner, size = _parsed(array[1], components), int(array[2]) if array[2] else None
        if size == 0:
            raise BadInput(f"An array of no elements ({text}) is no type of an ABI.")
        return AbiType(f"{inner.name}[{array[2]}]", "array", size, (inner,))
    if text == "tuple":
        parts = tuple(type_of(each) for each in components)
        if not parts:
            raise BadInput("A tuple without components is no type of an ABI.")
        name = f"({','.join(part.name for part in parts)})"
        return AbiType(name, "tuple", None, parts, tuple(str(each.get("name", "")) for each in components))
    return _elementary(_ALIASES.get(text, text))


def _elementary(name: str) -> AbiType:
    if name in _SIMPLE:
        return AbiType(name, *_SIMPLE[name])
    number = re.fullmatch(r"(u?)(int|fixed)(\d+)(?:x(\d+))?", name)
    if number is not None and (number[2] == "fixed") == (number[4] is not None):
        bits = int(number[3])
        if bits % 8 == 0 and 8 <= bits <= 256 and int(number[4] or 0) <= 80:
            return AbiType(name, "uint" if number[1] else "int", bits)
    raw = re.fullmatch(r"bytes(\d+)", name)
    if raw is not None and 1 <= int(raw[1]) <= WORD:
        return AbiType(name, "fixed_bytes", int(raw[1]))
    raise BadInput(f"There is no type {name!r} in an ABI (Solidity ABI v2).")
