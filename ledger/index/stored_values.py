"""How a decoded value stands in a raw row, without loss, and how it is told to handlers.

| ABI | in a raw row | to a handler |
| --- | --- | --- |
| numbers, bool, bytesN, bytes | int, bool, bytes | the same |
| address | its 20 bytes | EIP-55 text |
| string | text; U+001A and the hex of its bytes where no database keeps it as text | text; 0x and that hex |
| arrays, tuples | JSON | tuple; the event's own class for a tuple where it names one |
| indexed and dynamic | its keccak-256, 32 bytes: the value itself is not on the chain | the same |

In JSON a number of more than 48 bits is a string of its digits (RFC 8259, section 6: others read 53 bits), bytes are hex with
0x, a tuple is an object where its components have names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast, get_args

import msgspec
from eth_utils.address import to_checksum_address

from ledger.index.abi_types import AbiType

SUBSTITUTE = "\x1a"
"""ASCII's SUBSTITUTE, "in place of what cannot be shown". Text that begins with it stands as hex too."""

Turn = Callable[[Any], Any]
_EXACT_BITS = 48


def keep_text(raw: bytes) -> str:
    """The bytes of a `string` as text that PostgreSQL and SQLite keep, different for different bytes."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"{SUBSTITUTE}{raw.hex()}"
    return f"{SUBSTITUTE}{raw.hex()}" if "\x00" in text or text[:1] == SUBSTITUTE else text


def _keep_texts(column: Sequence[bytes]) -> Sequence[str]:
    """`keep_text` of a column: all at once where every one is text that stands as it is."""
    together = b"\x00".join(column)
    if together.count(b"\x00") == len(column) - 1 and SUBSTITUTE.encode() not in together:
        try:
            return together.decode("utf-8").split("\x00")
        except UnicodeDecodeError:
            pass
    return [keep_text(raw) for raw in column]


def tell_text(kept: str) -> str:
    """Kept text for a person: bytes that are no text, or hold a NUL, as hex with 0x."""
    if kept[:1] != SUBSTITUTE:
        return kept
    raw = bytes.fromhex(kept[1:])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
    return f"0x{raw.hex()}" if "\x00" in text else text


def keeper(of: AbiType) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """Turns a column of read values into what the raw rows hold; None where they are the same."""
    if of.kind == "string":
        return _keep_texts
    if not of.composite:
        return None
    if of.kind == "array" and of.parts[0].kind in {"uint", "int"}:
        left, between, right = ('["', '","', '"]') if _wide(of.parts[0]) else ("[", ",", "]")
        return lambda column: [f"{left}{between.join(map(str, v))}{right}" if v else "[]" for v in column]
    plain, encode = _to_json(of), msgspec.json.encode
    return lambda column: [encode(plain(value)).decode() for value in column]


def teller(of: AbiType, hint: Any = None) -> Turn | None:
    """Turns a raw row's value into what a handler sees; None where they are the same. `hint`: the field's type."""
    if of.kind == "address":
        return checksum
    if of.kind == "string":
        return tell_text
    if not of.composite:
        return None
    tell, decode = _from_json(of, hint), msgspec.json.decode
    return lambda kept: tell(decode(kept))


@cache
def checksum(address: bytes) -> str:
    """EIP-55. Accounts are few and return often."""
    return str(to_checksum_address(address))


def _wide(of: AbiType) -> bool:
    return (of.size or 0) > _EXACT_BITS


def _same(value: Any) -> Any:
    return value


def _to_json(of: AbiType) -> Turn:
    if of.kind in {"uint", "int"}:
        return str if _wide(of) else _same
    if of.kind in {"address", "fixed_bytes", "bytes"}:
        return lambda value: f"0x{value.hex()}"
    if of.kind == "string":
        return keep_text
    if of.kind == "array":
        one = _to_json(of.parts[0])
        return lambda values: [one(value) for value in values]
    if of.kind == "tuple":
        turns = [_to_json(part) for part in of.parts]
        if _named(of):
            names = of.names
            return lambda values: {n: turn(v) for n, turn, v in zip(names, turns, values, strict=True)}
        return lambda values: [turn(value) for turn, value in zip(turns, values, strict=True)]
    return _same


def _from_json(of: AbiType, hint: Any) -> Turn:
    if of.kind in {"uint", "int"}:
        return int if _wide(of) else _same
    if of.kind == "address":
        return lambda value: checksum(bytes.fromhex(value[2:]))
    if of.kind in {"fixed_bytes", "bytes"}:
        return lambda value: bytes.fromhex(value[2:])
    if of.kind == "string":
        return tell_text
    if of.kind == "array":
        one = _from_json(of.parts[0], next(iter(get_args(hint)), None))
        return lambda values: tuple(one(value) for value in values)
    if of.kind == "tuple":
        turns = [_from_json(part, None) for part in of.parts]
        make = cast("Callable[..., Any]", hint) if isinstance(hint, type) and hint is not tuple else _tuple
        if _named(of):
            names = of.names
            return lambda value: make(*(turn(value[n]) for n, turn in zip(names, turns, strict=True)))
        return lambda values: make(*(turn(value) for turn, value in zip(turns, values, strict=True)))
    return _same


def _tuple(*values: Any) -> tuple[Any, ...]:
    return values


def _named(of: AbiType) -> bool:
    return all(of.names) and len(set(of.names)) == len(of.names)
