"""Logs of one event into columns, by a plan compiled once from its ABI (Solidity ABI v2, "Events" and strict mode).

Whole columns at a time: the topics of all logs are joined and cut, and so are the heads of all data. That reads what
encoders write: each tail right behind the one before it, padding zero, nothing behind. A log with another encoding of
values (hand-written assembly can emit it) is read alone by eth_abi, whose strict mode decides; its data is then kept
as emitted beside the columns. Only of an anonymous event no other encoding is taken: that is stricter than eth_abi. So raw rows lose nothing: the columns, or else `data`, give the log's bytes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from ledger.chain.client import RawLog
from ledger.index.abi_columns import column_reader
from ledger.index.abi_types import WORD, AbiType, type_of
from ledger.index.abi_values import reader
from ledger.index.abi_words import Odd, Words, word_reader
from ledger.index.names import column_names
from ledger.index.stored_values import keeper

Column = Sequence[Any]

_HASH = AbiType("bytes32", "fixed_bytes", WORD)


class Undecodable(Exception):
    """`place`: which of the logs that were handed in; `why`: what is wrong with it."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


@dataclass(frozen=True)
class Argument:
    """One input of an event; `column` is its name in SQL. `type` is bytes32 where only the hash is on the chain."""

    name: str
    column: str
    type: AbiType
    indexed: bool


class EventColumns:
    """One event of an ABI and how its logs become columns."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        inputs = entry["inputs"]
        types = [type_of(each) for each in inputs]
        self.name = str(entry["name"])
        self.anonymous = bool(entry.get("anonymous", False))
        self.signature = f"{self.name}({','.join(each.name for each in types)})"
        self.topic = f"0x{keccak(text=self.signature).hex()}"
        self.arguments = tuple(
            Argument(str(each.get("name", "")), column, _on_chain(of, each["indexed"]), bool(each["indexed"]))
            for each, of, column in zip(inputs, types, column_names(inputs), strict=True)
        )
        self.topic_count = sum(each.indexed for each in self.arguments) + (not self.anonymous)
        self._data = [each for each in self.arguments if not each.indexed]
        self._head = sum(each.type.words for each in self._data)
        self._keepers = [keeper(each.type) for each in self.arguments]
        self._readers = [_Part(each.type) for each in self._data]
        self._all_static = not any(each.type.dynamic for each in self._data)

    def decode(self, logs: Sequence[RawLog]) -> tuple[list[Column], Column]:
        """One column an argument, in the ABI's order, as raw rows hold them; and the data of what is encoded unusually.

        Undecodable, and nothing else, for a log that is not one of this event.
        """
        try:
            return self._together(logs), [None] * len(logs)
        except (Odd, ValueError):
            pass
        if len(logs) == 1:
            return self._alone(logs[0])
        half = len(logs) // 2
        columns, kept = self.decode(logs[:half])
        try:
            more, more_kept = self.decode(logs[half:])
        except Undecodable as error:
            raise Undecodable(error.place + half, error.why) from None
        return [[*a, *b] for a, b in zip(columns, more, strict=True)], [*kept, *more_kept]

    # --- the encoding that encoders write ----------------------------------------------------------------------------

    def _together(self, logs: Sequence[RawLog]) -> list[Column]:
        topics = self._topics(logs)
        data = self._static(logs) if self._all_static else self._dynamic(logs)
        columns = [next(topics) if each.indexed else next(data) for each in self.arguments]
        return [keep(column) if keep else column for keep, column in zip(self._keepers, columns, strict=True)]

    def _topics(self, logs: Sequence[RawLog]) -> Any:
        count = self.topic_count
        if {len(log.topics) for log in logs} != {count}:
            raise Odd
        place = 0 if self.anonymous else 1
        columns = []
        for each in self.arguments:
            if each.indexed:
                words = _joined([log.topics[place] for log in logs], WORD)
                columns.append(word_reader(each.type)(Words(words).column()))
                place += 1
        return iter(columns)

    def _static(self, logs: Sequence[RawLog]) -> Any:
        head = self._head
        return iter(self._heads(Words(_joined([log.data for log in logs], WORD * head))))

    def _heads(self, words: Words) -> list[Column]:
        """Columns of the arguments, and of the offsets of those that are dynamic."""
        columns, place = [], 0
        for part in self._readers:
            columns.append(part.column(words, place, self._head))
            place += part.words
        return columns

    def _dynamic(self, logs: Sequence[RawLog]) -> Any:
        head = WORD * self._head
        texts = [log.data for log in logs]
        datas = [bytes.fromhex(text[2:]) for text in texts]
        sizes = list(map(len, datas))
        if [2 * size + 2 for size in sizes] != list(map(len, texts)):
            raise Odd  # fromhex passes over spaces
        heads = b"".join([data[:head] for data in datas])
        if len(heads) != head * len(logs):
            raise Odd
        columns = self._heads(Words(heads))
        ends: Sequence[int] = [head] * len(logs)
        for place, part in enumerate(self._readers):
            if part.dynamic:
                if columns[place] != ends:
                    raise Odd
                columns[place], ends = part.tail(datas, ends)
        if ends != sizes:
            raise Odd
        return iter(columns)

    # --- any other ---------------------------------------------------------------------------------------------------

    def _alone(self, log: RawLog) -> tuple[list[Column], Column]:
        indexed = [each.type for each in self.arguments if each.indexed]
        first = 0 if self.anonymous else 1
        if len(log.topics) != len(indexed) + first:
            raise Undecodable(0, f"it has {len(log.topics)} topics and not {len(indexed) + first}")
        wires = [each.type.wire for each in self._data]
        try:
            data = bytes.fromhex(log.data[2:])
            topics = iter(
                _one(of, bytes.fromhex(topic[2:])) for of, topic in zip(indexed, log.topics[first:], strict=True)
            )
            plain = iter(_read(each.type, v) for each, v in zip(self._data, abi_decode(wires, data), strict=True))
            values = [next(topics) if each.indexed else next(plain) for each in self.arguments]
        except (DecodingError, ValueError, OverflowError) as error:
            raise Undecodable(0, str(error) or type(error).__name__) from error
        columns = [keep([v]) if keep else [v] for keep, v in zip(self._keepers, values, strict=True)]
        again = abi_encode(
            wires, [_written(each.type, v) for each, v in zip(self._data, self._plain(values), strict=True)]
        )
        if self.anonymous and again != data:
            # Nothing but its shape tells an anonymous event from another one: an odd one is not taken for it.
            raise Undecodable(0, "its data is not laid out as an anonymous event's is")
        return columns, [None if again == data else data]

    def _plain(self, values: Sequence[Any]) -> list[Any]:
        return [value for each, value in zip(self.arguments, values, strict=True) if not each.indexed]


class _Part:
    """How one argument in the data is read: a column of its head, and its value in the tail."""

    def __init__(self, of: AbiType) -> None:
        self.words, self.dynamic = of.words, of.dynamic
        self.read = reader(of)
        self.tail = column_reader(of)
        self._word = None if of.composite or of.dynamic else word_reader(of)

    def column(self, words: Words, place: int, step: int) -> Column:
        """The column of words `place`, `place` + `step` ...; of a dynamic argument, its offsets."""
        if self.dynamic:
            return words.column(place, step).small()
        if self._word is not None:
            return self._word(words.column(place, step))
        data, read = words.data, self.read
        return [read(data, at)[0] for at in range(WORD * place, len(data), WORD * step)]


def _on_chain(of: AbiType, indexed: bool) -> AbiType:
    return _HASH if indexed and (of.composite or of.kind in {"bytes", "string"}) else of


def _joined(texts: Sequence[str], size: int) -> bytes:
    """The bytes of many 0x hex texts of `size` bytes each."""
    if set(map(len, texts)) != {2 * size + 2}:
        raise Odd
    words = bytes.fromhex("".join([text[2:] for text in texts]))
    if len(words) != size * len(texts):
        raise Odd  # fromhex passes over spaces
    return words


# --- values as eth_abi has them, and as the readers give them --------------------------------------------------------


def _one(of: AbiType, topic: bytes) -> Any:
    if len(topic) != WORD:
        raise ValueError(f"a topic has {len(topic)} bytes and not {WORD}")
    return _read(of, abi_decode([of.wire], topic)[0])


def _read(of: AbiType, value: Any) -> Any:
    if of.kind == "address":
        return bytes.fromhex(value[2:])
    if of.kind == "array":
        return tuple(_read(of.parts[0], each) for each in value)
    return tuple(map(_read, of.parts, value)) if of.kind == "tuple" else value


def _written(of: AbiType, value: Any) -> Any:
    if of.kind == "address":
        return f"0x{value.hex()}"
    if of.kind == "array":
        return [_written(of.parts[0], each) for each in value]
    return tuple(map(_written, of.parts, value)) if of.kind == "tuple" else value
