"""JSON read strictly: no name twice, no NaN, numbers exact, and a fault has its line and column."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import msgspec

from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis.problems import sentence

LARGEST_BYTES = 64 * 1024 * 1024
DEEPEST = 64
DEEPEST_PARSED = 256  # what is between is refused with its place, once it is parsed
_LONGEST_NUMBER = 60
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\[\]{}"]++|"', re.DOTALL)
_BODY = msgspec.json.Encoder(decimal_format="number")


class _Refused(ValueError):
    """Raised inside the parser for what JSON forbids or we do."""


def refuse(what: str, where: str, *, hint: str | None = None) -> BadDocument:
    """A fault of the whole document."""
    problem = BadInput(sentence(what), where=where, hint=hint)
    return BadDocument("The document cannot be read.", [problem], where=where)


def parse_json(data: bytes, source: str) -> Any:
    """The JSON value in `data` (UTF-8, with or without a byte order mark); fractions as Decimal, never float.

    BadDocument where it does not parse, holds a name twice in one object, NaN, an absurd number, or is absurdly deep
    or large.
    """
    if len(data) > LARGEST_BYTES:
        raise refuse(
            f"The document has {len(data)} bytes, and {LARGEST_BYTES} are the most that is read",
            source,
            hint="Hand it in as several documents.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(
            f"The document is not UTF-8: byte {error.start} is {data[error.start]:#04x}",
            source,
            hint="Save it as UTF-8.",
        ) from None
    _require_shallow(text, source)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise refuse(
            f"The document is not JSON: {_plain(error.msg)} at line {error.lineno}, column {error.colno}",
            f"{source} line {error.lineno} column {error.colno}",
            hint="Correct it there; a comma or a quotation mark is often missing just before.",
        ) from None
    except _Refused as error:
        raise refuse(str(error), source) from None
    if _SUSPECT.search(text):
        _require_text(value, source)
    return value


def _require_shallow(text: str, source: str) -> None:
    """Before it is parsed: the parser recurses on the machine's stack, and how deep that is nobody can rely on."""
    depth = 0
    for bracket in _NOT_BRACKETS.sub("", text):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST_PARSED:
            raise refuse("The document nests too deeply", source, hint=f"At most {DEEPEST} levels are read.")


def _require_text(value: Any, source: str) -> None:
    """Escapes can spell what is no text: half a surrogate pair, or NUL, which databases refuse. Look at all strings."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and ("\0" in item or _SURROGATE.search(item)):
            raise refuse(f"The text {item!r} holds a character that is no text (NUL or half a surrogate pair)", source)


def body_text(body: dict[str, Any]) -> str:
    """An event's body as JSON text, numbers as they were said."""
    return _BODY.encode(body).decode()


def body_from_text(text: str) -> dict[str, Any]:
    """What `body_text` wrote, numbers exact."""
    body: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Refused(
                    f"The name {name!r} stands twice in one object: which of the two is meant cannot be known"
                )
            seen.add(name)
    return found


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if len(text) > _LONGEST_NUMBER or abs(value.adjusted()) > _LONGEST_NUMBER:
        raise _Refused(f"The number {_short(text)} is beyond what any quantity can be")
    return value


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _Refused(f"The number {_short(text)} has {len(text)} digits: beyond what any quantity can be")
    return int(text)


def _constant(text: str) -> Any:
    raise _Refused(f"{text} is no number in JSON")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]
