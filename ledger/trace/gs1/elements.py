"""GS1 data as a sequence of AIs with their values, each held to its format and all to their associations.

GS1 General Specifications section 4.13 and the GS1 Barcode Syntax Dictionary (req, ex); how elements are written is in
`element_string`, `brackets` and `digital_link_uri`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledger.errors import BadInput
from ledger.trace.gs1.dictionary import ApplicationIdentifier, Component, find
from ledger.trace.gs1.rules import CHARACTER_SETS, RULES

# Keys that may or may not carry a serial; beside a digital signature they must (AI 8030 signs an instance).
_SERIAL_OPTIONAL = ("253", "255", "8003")


@dataclass(frozen=True, slots=True)
class Element:
    """One AI and its value, without FNC1 and without percent-encoding."""

    ai: str
    value: str

    @property
    def entry(self) -> ApplicationIdentifier:
        return require_known(self.ai)


def ais_of(elements: Sequence[Element]) -> Mapping[str, str]:
    """Values by AI, in the order said. An AI that is repeated has one value (`check_associations`)."""
    return {element.ai: element.value for element in elements}


def require_known(ai: str) -> ApplicationIdentifier:
    """The AI's entry; BadInput where GS1 has no such AI."""
    entry = find(ai)
    if entry is None:
        raise BadInput(
            f"There is no AI ({ascii(ai)[1:-1]}).", hint="See the GS1 General Specifications, section 3.", ai=ai
        )
    return entry


def check_value(entry: ApplicationIdentifier, value: str) -> None:
    """BadInput where `value` is not of the AI's format: its lengths first, then component by component."""
    if not value:
        raise _wrong(entry, value, "its value is empty")
    if len(value) < entry.shortest or len(value) > entry.longest:
        raise _wrong(entry, value, f"it must have {_range(entry)} characters, and has {len(value)}")
    rest = value
    for component in entry.components:
        text, rest = rest[: component.longest], rest[component.longest :]
        if not text and component.optional:
            continue
        if len(text) < component.shortest:
            raise _wrong(entry, value, f"its part {text!r} is too short" if text else "it ends too early")
        _check_component(entry, component, value, text)


def check_associations(elements: Sequence[Element]) -> None:
    """BadInput where an AI misses another that it needs, meets one that it excludes, or is repeated with another value."""
    present = ais_of(elements)
    for element in elements:
        if present[element.ai] != element.value:
            raise BadInput(
                f"{element.entry.name} is there twice with different values, {element.value!r} and "
                f"{present[element.ai]!r}.",
                hint="Keep one of them.",
                ai=element.ai,
            )
    for ai in present:
        entry = require_known(ai)
        for pattern in entry.excludes:
            for other in present:
                if other != ai and _matches(pattern, other):
                    raise BadInput(
                        f"{entry.name} must not stand beside {require_known(other).name}.",
                        hint="Leave one of them out.",
                        ai=ai,
                        other=other,
                    )
        for groups in entry.requires:
            if not any(all(_any_matches(pattern, present) for pattern in group) for group in groups):
                needed = " or ".join(" with ".join(f"({pattern})" for pattern in group) for group in groups)
                raise BadInput(f"{entry.name} needs {needed} beside it.", hint="Add what is missing.", ai=ai)
    if "8030" in present:
        _check_signed_instance(present)


def _check_signed_instance(present: Mapping[str, str]) -> None:
    for ai in _SERIAL_OPTIONAL:
        entry = require_known(ai)
        if ai in present and len(present[ai]) == entry.shortest:
            raise BadInput(f"{entry.name} needs its serial when a digital signature (8030) stands beside it.", ai=ai)


def _check_component(entry: ApplicationIdentifier, component: Component, value: str, text: str) -> None:
    allowed, reason = CHARACTER_SETS[component.character_set]
    if allowed.fullmatch(text) is None:
        wrong = next((c for c in text if allowed.fullmatch(c) is None), text)
        raise _wrong(entry, value, f"it holds {wrong!r}, and {reason}")
    for check in component.checks:
        problem = RULES[check](text)
        if problem:
            raise _wrong(entry, value, problem)


def _wrong(entry: ApplicationIdentifier, value: str, reason: str) -> BadInput:
    return BadInput(f"{entry.name} {value!r}: {reason}.", ai=entry.ai, value=value)


def _range(entry: ApplicationIdentifier) -> str:
    if entry.shortest == entry.longest:
        return str(entry.longest)
    return f"{entry.shortest} to {entry.longest}"


def _any_matches(pattern: str, ais: Mapping[str, str]) -> bool:
    return any(_matches(pattern, ai) for ai in ais)


def _matches(pattern: str, ai: str) -> bool:
    """`31nn` is any AI of four digits that starts with 31."""
    return _compiled(pattern).fullmatch(ai) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("n", "[0-9]"))
