"""Random events, their logs as eth_abi encodes them, and what their raw rows must hold: by a seed, the same each time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from ledger.chain.client import RawLog
from ledger.index.abi_types import AbiType, type_of

TEXTS = ("", "a", "溯源", "x" * 31, "y" * 32, "z" * 33, "\x1aescaped", 'quote " back \\ line\n')
RAW_TEXTS = (b"\xff\xfe", b"a\x00b", b"\xed\xa0\x80!", b"\x1a\xff")


@dataclass
class Case:
    """An event, one log of it, and the wire types and values of its arguments in the ABI's order."""

    entry: dict[str, Any]
    log: RawLog
    types: list[AbiType]
    indexed: list[bool]
    values: list[Any]


def a_type(chance: Random, depth: int = 0) -> dict[str, Any]:
    """The `type` (and `components`) of an input."""
    kind = chance.random()
    if depth < 3 and kind < 0.2:
        inner = a_type(chance, depth + 1)
        return {**inner, "type": f"{inner['type']}[{chance.choice(['', '', '', '1', '2', '3'])}]"}
    if depth < 3 and kind < 0.35:
        named = chance.random() < 0.7
        parts = [
            {"name": f"part{n}" if named else "", **a_type(chance, depth + 1)} for n in range(chance.randint(1, 3))
        ]
        return {"type": "tuple", "components": parts}
    bits = 8 * chance.randint(1, 32)
    return {
        "type": chance.choice(
            [
                "string",
                "bytes",
                "bool",
                "address",
                "function",
                f"uint{bits}",
                f"int{bits}",
                f"bytes{bits // 8}",
                "uint256",
                "uint64",
                "bytes32",
                "string",
                f"fixed{bits}x{chance.randint(0, 80)}",
                f"ufixed{bits}x1",
            ]
        )
    }


def a_value(chance: Random, of: AbiType) -> Any:
    """As eth_abi takes it for the type's `wire` form."""
    size = of.size or 0
    if of.kind == "uint":
        return chance.choice([0, 1, (1 << size) - 1, chance.getrandbits(size), chance.getrandbits(8)])
    if of.kind == "int":
        return chance.choice([0, 1, -1, (1 << size - 1) - 1, -(1 << size - 1), chance.getrandbits(size - 1)])
    if of.kind == "bool":
        return chance.random() < 0.5
    if of.kind == "address":
        return "0x" + chance.randbytes(20).hex()
    if of.kind == "fixed_bytes":
        return chance.randbytes(size)
    if of.kind == "bytes":
        return chance.randbytes(chance.choice([0, 1, 31, 32, 33, 70]))
    if of.kind == "string":
        return chance.choice(RAW_TEXTS) if chance.random() < 0.1 else chance.choice(TEXTS).encode()
    if of.kind == "array":
        count = chance.choice([0, 1, 2, 5]) if of.size is None else of.size
        return [a_value(chance, of.parts[0]) for _ in range(count)]
    return tuple(a_value(chance, part) for part in of.parts)


def an_event(chance: Random) -> dict[str, Any]:
    """An ABI's entry of up to six arguments."""
    anonymous, left = chance.random() < 0.15, 3
    left += anonymous
    inputs = []
    for number in range(chance.randint(0, 6)):
        indexed = left > 0 and chance.random() < 0.4
        left -= indexed
        name = chance.choice([f"value{number}", "", "from", "block"])
        inputs.append({"name": name, "indexed": indexed, **a_type(chance)})
    return {"type": "event", "name": "Happened", "anonymous": anonymous, "inputs": inputs}


def a_case(chance: Random, entry: dict[str, Any]) -> Case:
    types = [type_of(each) for each in entry["inputs"]]
    indexed = [each["indexed"] for each in entry["inputs"]]
    values = [a_value(chance, of) for of in types]
    topics = [] if entry["anonymous"] else [keccak(text=f"Happened({','.join(of.name for of in types)})")]
    for place, (of, is_topic) in enumerate(zip(types, indexed, strict=True)):
        if is_topic:
            if of.composite or of.kind in {"bytes", "string"}:
                values[place] = chance.randbytes(32)  # the hash of a value that the chain does not hold
                types[place] = type_of({"type": "bytes32"})
            topics.append(abi_encode([types[place].wire], [values[place]]))
    plain = [(of.wire, value) for of, value, topic in zip(types, values, indexed, strict=True) if not topic]
    data = abi_encode([wire for wire, _ in plain], [value for _, value in plain])
    return Case(entry, a_log(topics, data), types, indexed, values)


def a_log(topics: list[bytes], data: bytes) -> RawLog:
    return RawLog(
        address="0x" + "11" * 20,
        topics=tuple(f"0x{topic.hex()}" for topic in topics),
        data=f"0x{data.hex()}",
        block_number="0x1",
        block_hash="0x" + "22" * 32,
        transaction_hash="0x" + "33" * 32,
        log_index="0x0",
    )


def damaged(chance: Random, log: RawLog) -> RawLog:
    """The log with one fault in its data or its topics."""
    topics, data = [bytes.fromhex(topic[2:]) for topic in log.topics], bytearray.fromhex(log.data[2:])
    kind = chance.randrange(7)
    if kind == 0 and topics:
        place = chance.randrange(len(topics))
        topics[place] = chance.randbytes(chance.choice([1, 12])).ljust(32, b"\x00")[:: chance.choice([1, -1])]
    elif kind == 1 and topics:
        topics.pop() if chance.random() < 0.5 else topics.append(chance.randbytes(32))
    elif kind == 2:
        data = data[: chance.randint(0, len(data))]
    elif kind == 3:
        data += chance.randbytes(chance.choice([1, 32]))
    elif data:
        start = 32 * chance.randrange(max(len(data) // 32, 1))
        if kind == 4:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif kind == 5:
            other = 32 * chance.randrange(max(len(data) // 32, 1))
            data[start : start + 32], data[other : other + 32] = data[other : other + 32], data[start : start + 32]
        else:
            data[start : start + 32] = chance.choice([0, 32, 64, 96, 2**255, 2**256 - 1]).to_bytes(32, "big")
    return a_log(topics, bytes(data))


def told_by_eth_abi(case: Case, log: RawLog) -> list[Any]:
    """The arguments of another log of the case's event. DecodingError or ValueError as eth_abi refuses it."""
    topics = [bytes.fromhex(topic[2:]) for topic in log.topics]
    if len(topics) != sum(case.indexed) + (not case.entry["anonymous"]):
        raise ValueError("topics are missing, or too many")
    if not case.entry["anonymous"]:
        topics = topics[1:]
    plain = [of.wire for of, topic in zip(case.types, case.indexed, strict=True) if not topic]
    data, rest = iter(abi_decode(plain, bytes.fromhex(log.data[2:]))), iter(topics)
    return [
        abi_decode([of.wire], next(rest))[0] if topic else next(data)
        for of, topic in zip(case.types, case.indexed, strict=True)
    ]


def stored(of: AbiType, value: Any) -> Any:
    """What a raw row holds, put together the plain way."""
    if of.composite:
        return json.dumps(_plain(of, value), ensure_ascii=False, separators=(",", ":"))
    if of.kind == "string":
        return _text(value)
    return bytes.fromhex(value[2:]) if of.kind == "address" else value


def _plain(of: AbiType, value: Any) -> Any:
    if of.kind == "array":
        return [_plain(of.parts[0], each) for each in value]
    if of.kind == "tuple":
        parts = [_plain(part, each) for part, each in zip(of.parts, value, strict=True)]
        return dict(zip(of.names, parts, strict=True)) if all(of.names) else parts
    if of.kind in {"uint", "int"}:
        return str(value) if (of.size or 0) > 48 else value
    if of.kind in {"bytes", "fixed_bytes"}:
        return f"0x{value.hex()}"
    return _text(value) if of.kind == "string" else value


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return f"\x1a{raw.hex()}"
    return f"\x1a{raw.hex()}" if "\x00" in text or text.startswith("\x1a") else text
