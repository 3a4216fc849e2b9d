"""What a parameter's values must be: text, a URI, a number, one of a few words. Each refusal names the parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ledger.errors import BadInput
from ledger.trace.query.event_query import Test
from ledger.trace.query.look_up import number_of

Values = Sequence[Any]
Prefixes = Mapping[str, str]
Maker = Callable[[str, Values, Prefixes], Test]
"""From a parameter's name and values, and the prefixes of the query, to a condition. BadInput where a value does not fit."""


def text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{name} takes text, not {value!r}.")
    return value


def uri(name: str, value: Any) -> str:
    said = text(name, value)
    if ":" not in said:
        raise BadInput(f"{name} takes a URI, not {said!r}.", hint="Write an EPC URN or a GS1 Digital Link URI.")
    return said


def number(name: str, value: Any) -> Decimal:
    found = number_of(value)
    if found is None:
        raise BadInput(f"{name} takes a number, not {value!r}.")
    return found


def single(name: str, values: Values) -> Any:
    if len(values) != 1:
        raise BadInput(f"{name} takes one value, not {len(values)}.")
    return values[0]


def among(name: str, said: set[str], known: Sequence[str]) -> None:
    strange = sorted(said - set(known))
    if strange:
        raise BadInput(f"{name} knows no {strange[0]!r}.", hint=f"Use one of: {', '.join(known)}.")
