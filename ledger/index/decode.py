"""Logs into events, by decoders compiled once from the ABIs that ship with the package (Solidity ABI v2).

A log of ours that does not decode is BrokenEvidence: skipping it would leave rows that are wrong in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_args

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.chain.artifact import CONTRACTS, abi
from ledger.chain.client import RawLog
from ledger.chain.contracts import Deployment
from ledger.errors import BrokenEvidence
from ledger.index.events import ChainEvent, Leg
from ledger.index.names import snake_case

WITHOUT_ROWS = frozenset({"EIP712DomainChanged"})
"""Events of OpenZeppelin's contracts that say nothing to us (ERC-5267; never emitted by a contract that stands)."""

_EVENTS = {event.__name__: event for event in get_args(ChainEvent)}
_STRUCTS: dict[str, type[Any]] = {"Leg": Leg}


@dataclass(frozen=True, slots=True)
class Log:
    """One decoded log and its place on the chain."""

    event: ChainEvent
    block: int
    block_hash: str
    log_index: int
    tx_hash: str


@dataclass(frozen=True, slots=True)
class _Compiled:
    """How an event is decoded: the ABI types of its topics and of its data, and how the values become arguments."""

    event: type[Any]
    name: str
    topic_types: tuple[str, ...]
    data_types: tuple[str, ...]
    arguments: tuple[tuple[str, bool, int, Callable[[Any], Any]], ...]  # name, whether a topic, which one, shape


class Decoder:
    """Decodes the logs of one deployment's contracts."""

    def __init__(self, deployment: Deployment) -> None:
        self._events = {deployment.address(contract).lower(): _compile(contract) for contract in CONTRACTS}

    def decode(self, raw: RawLog) -> Log | None:
        """None for a log that has no rows. BrokenEvidence when it is not one that our contracts can emit."""
        topics = [bytes.fromhex(topic[2:]) for topic in raw.topics]
        known = self._events.get(raw.address.lower(), {})
        if not topics or topics[0] not in known:
            raise _undecodable(raw, "no event of our contracts has its first topic")
        compiled = known[topics[0]]
        if compiled is None:
            return None
        try:
            event = _event(compiled, topics[1:], bytes.fromhex(raw.data[2:]))
        except (DecodingError, ValueError, OverflowError) as error:
            raise _undecodable(raw, f"it is no {compiled.name}: {error}") from error
        return Log(event, int(raw.block_number, 16), raw.block_hash, int(raw.log_index, 16), raw.transaction_hash)


def _event(compiled: _Compiled, topics: Sequence[bytes], data: bytes) -> ChainEvent:
    if len(topics) != len(compiled.topic_types):
        raise ValueError(f"{len(compiled.topic_types)} indexed values are needed, it has {len(topics)}")
    values = (
        abi_decode(compiled.data_types, data),
        [abi_decode([kind], topic)[0] for kind, topic in zip(compiled.topic_types, topics, strict=True)],
    )
    event: ChainEvent = compiled.event(
        **{name: shape(values[is_topic][place]) for name, is_topic, place, shape in compiled.arguments}
    )
    return event


def _undecodable(raw: RawLog, why: str) -> BrokenEvidence:
    return BrokenEvidence(
        f"A log of {raw.address} cannot be decoded: {why}.",
        where=f"block {int(raw.block_number, 16)}, log {int(raw.log_index, 16)}, transaction {raw.transaction_hash}",
        hint="If the contracts are newer than this software, install the version that knows them; nothing was skipped.",
        topics=raw.topics,
        data=raw.data,
    )


# --- compiled once ---------------------------------------------------------------------------------------------------


def _compile(contract: str) -> dict[bytes, _Compiled | None]:
    """Decoders by first topic. LookupError when an event of the ABI has no record in `ledger.index.events`."""
    return dict(_compile_event(entry) for entry in abi(contract) if entry["type"] == "event")


def _compile_event(entry: Mapping[str, Any]) -> tuple[bytes, _Compiled | None]:
    inputs: list[dict[str, Any]] = entry["inputs"]
    name, topic0 = str(entry["name"]), keccak(text=f"{entry['name']}({','.join(_type(each) for each in inputs)})")
    if name in WITHOUT_ROWS:
        return topic0, None
    event = _EVENTS[name]
    counts, arguments = {True: 0, False: 0}, []
    for each in inputs:
        is_topic = bool(each["indexed"])
        arguments.append((snake_case(each["name"]), is_topic, counts[is_topic], _shape(each)))
        counts[is_topic] += 1
    expected, actual = [field.name for field in fields(event)], [argument[0] for argument in arguments]
    if expected != actual:
        raise LookupError(f"{name} has {actual} in the ABI and {expected} in ledger/index/events.py")
    topics = tuple(_type(each) for each in inputs if each["indexed"])
    data = tuple(_wire_type(each) for each in inputs if not each["indexed"])
    return topic0, _Compiled(event, name, topics, data, tuple(arguments))


def _type(entry: Mapping[str, Any]) -> str:
    return str(collapse_if_tuple(dict(entry)))


def _wire_type(entry: Mapping[str, Any]) -> str:
    # Text is taken as bytes, which are laid out alike: a text that is no UTF-8 must not stop the line.
    return _type(entry).replace("string", "bytes")


def _shape(entry: Mapping[str, Any]) -> Callable[[Any], Any]:
    kind = str(entry["type"])
    if kind.endswith("[]"):
        inner = _shape({**entry, "type": kind[:-2]})
        return lambda values: tuple(inner(value) for value in values)
    if kind == "tuple":
        struct = _STRUCTS[re.sub(r"^struct (\w+\.)?|\[\]$", "", str(entry["internalType"]))]
        return lambda values: struct(*values)
    if kind == "address":
        return to_checksum_address
    if kind == "string":
        return _text
    return lambda value: value


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
    return f"0x{raw.hex()}" if "\x00" in text else text
