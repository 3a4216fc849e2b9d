"""What a query asks for, and what an event is to it. Records only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

DEFAULT_PER_PAGE, MOST_PER_PAGE = 30, 1000


@dataclass(frozen=True, slots=True)
class QueriedEvent:
    """An event as conditions look at it. `ids` are the event IDs that its statements carry and its `ni:` URI. `epcs` are
    (role, canonical EPC or class, whether it is a class). `prefixes` are those of the document that it stands in.
    Times are UTC with milliseconds and Z, so that text order is time order.
    """

    event_hash: str
    event_type: str
    event_time: str
    record_time: str
    ids: frozenset[str]
    epcs: tuple[tuple[str, str, bool], ...]
    body: Mapping[str, Any]
    prefixes: Mapping[str, str]


Test = Callable[[QueriedEvent], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter: all of a query's conditions must hold, and of a list of values any may."""

    name: str
    holds: Test


@dataclass(frozen=True, slots=True)
class EventQuery:
    """`event_types`, `biz_steps`, `since`, `before` are also conditions; they stand here too since rows can be chosen by
    them. `order_by` is eventTime or recordTime. `limit` ends the result (eventCountLimit); more than `most`
    (maxEventCount) are refused.
    """

    conditions: tuple[Condition, ...] = ()
    event_types: frozenset[str] | None = None
    since: str | None = None
    before: str | None = None
    order_by: Literal["eventTime", "recordTime"] = "eventTime"
    direction: Literal["ASC", "DESC"] = "DESC"
    limit: int | None = None
    most: int | None = None
