"""A query's parameters, as they stand in a URL or in a JSON query document, read into conditions.

Each fault is told with the parameter's name, all at once; a parameter that is not known is refused and never ignored
(EPCIS 2.0 section 8.2.7: QueryParameterException).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis.context import NOTHING, extend_context
from ledger.trace.epcis.vocabulary import kind_name
from ledger.trace.query.event_query import Condition, EventQuery
from ledger.trace.query.extension_conditions import extension_condition
from ledger.trace.query.measure_conditions import time_value
from ledger.trace.query.standard_conditions import standard_condition

_ORDERS = ("eventTime", "recordTime")
_DIRECTIONS = ("ASC", "DESC")
_PRESENCE = "EXISTS_"


def said_in_url(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The parameters of a query string: several values stand divided by `|`, or the parameter stands again."""
    said: dict[str, list[str]] = {}
    for name, text in pairs:
        said.setdefault(name, []).extend(text.split("|"))
    return said


def read_query(said: Mapping[str, Any]) -> EventQuery:
    """The query. `said` holds one value or a list under each name, and `@context` with prefixes where the query has one.
    BadDocument names each parameter that is wrong."""
    problems: list[BadInput] = []
    prefixes = _prefixes(said, problems)
    conditions: list[Condition] = []
    options: dict[str, Any] = {}
    types: frozenset[str] | None = None
    for name, value in said.items():
        if name == "@context":
            continue
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        try:
            if not values and not name.startswith(_PRESENCE):
                raise BadInput(f"{name} names no value.")
            if name in ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount"):
                options[name] = _option(name, values)
                continue
            test = standard_condition(name, values, prefixes) or extension_condition(name, values, prefixes)
            if test is None:
                raise BadInput(
                    f"There is no query parameter {name!r}.",
                    hint="See EPCIS 2.0, section 8.2.7.1, for those there are.",
                )
            conditions.append(Condition(name, test))
            if name == "eventType":
                types = frozenset(kind_name(str(one), prefixes) for one in values)
        except BadInput as fault:
            problems.append(BadInput(fault.what, where=f"query {name}", hint=fault.hint))
    if "eventCountLimit" in options and "maxEventCount" in options:
        problems.append(
            BadInput(
                "eventCountLimit and maxEventCount exclude each other.", where="query maxEventCount", hint="Keep one."
            )
        )
    if problems:
        raise _refused(problems)
    return EventQuery(
        conditions=tuple(conditions),
        event_types=types,
        since=_bound(said, "GE_eventTime"),
        before=_bound(said, "LT_eventTime"),
        order_by=cast(Literal["eventTime", "recordTime"], options.get("orderBy", "eventTime")),
        direction=cast(Literal["ASC", "DESC"], options.get("orderDirection", "DESC")),
        limit=options.get("eventCountLimit"),
        most=options.get("maxEventCount"),
    )


def _refused(problems: Sequence[BadInput]) -> BadDocument:
    if len(problems) == 1:
        return BadDocument(problems[0].what, problems, where=problems[0].where, hint=problems[0].hint)
    return BadDocument(f"{len(problems)} parameters of the query are wrong.", problems, where="query")


def _prefixes(said: Mapping[str, Any], problems: list[BadInput]) -> Mapping[str, str]:
    try:
        return extend_context(NOTHING, said.get("@context", []), where="query @context").prefixes
    except BadInput as fault:
        problems.append(fault)
        return NOTHING.prefixes


def _option(name: str, values: Sequence[Any]) -> Any:
    if len(values) != 1:
        raise BadInput(f"{name} takes one value, not {len(values)}.")
    (value,) = values
    if name == "orderBy":
        return _one_of(name, value, _ORDERS)
    if name == "orderDirection":
        return _one_of(name, value, _DIRECTIONS)
    try:
        count = -1 if isinstance(value, bool) else int(str(value))
    except ValueError:
        count = -1
    if count < 1:
        raise BadInput(f"{name} takes a whole number from 1, not {value!r}.")
    return count


def _one_of(name: str, value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise BadInput(f"{name} knows no {value!r}.", hint=f"Use one of: {', '.join(known)}.")
    return str(value)


def _bound(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is None:
        return None
    return time_value(name, list(value) if isinstance(value, (list, tuple)) else [value])
