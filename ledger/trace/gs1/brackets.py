"""GS1 data as people read and type it: each AI in brackets, `(01)09520123456788(10)ABC`.

A bracket that opens within a value is written `\\(`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import BadInput
from ledger.trace.gs1.elements import Element, check_value, require_known


def parse_bracketed(text: str) -> tuple[Element, ...]:
    """The elements of a bracketed text; BadInput with the reason otherwise."""
    elements = []
    rest = text
    while rest:
        if not rest.startswith("("):
            raise _malformed("it must start with an AI in brackets")
        ai, bracket, rest = rest[1:].partition(")")
        if not bracket:
            raise _malformed("a bracket does not close")
        entry = require_known(ai)
        value, rest = _value(rest)
        check_value(entry, value)
        elements.append(Element(ai, value))
    if not elements:
        raise _malformed("it is empty")
    return tuple(elements)


def bracketed(elements: Sequence[Element]) -> str:
    """The elements in their order, brackets within values escaped."""
    return "".join(f"({element.ai})" + element.value.replace("(", "\\(") for element in elements)


def _value(text: str) -> tuple[str, str]:
    """The value at the start of `text`, unescaped, and what follows it."""
    value = ""
    while True:
        before, bracket, after = text.partition("(")
        if not bracket or not before.endswith("\\"):
            return value + before, bracket + after
        value += before[:-1] + "("
        text = after


def _malformed(why: str) -> BadInput:
    return BadInput(
        f"The bracketed text is malformed: {why}.", hint="Write (01)09520123456788(10)ABC; a bracket in a value as \\(."
    )
