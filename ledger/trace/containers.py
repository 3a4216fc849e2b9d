"""When a lot stood on a pallet: what happened to the pallet then, happened to the lot. Pure.

A pallet is used again and again. It carries a lot from the aggregation that names both until a DELETE takes the lot off
or empties the pallet (EPCIS 2.0 section 7.4.2: a DELETE without children takes all of them off). What happened to it
before or after is no part of the lot's history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

AGGREGATING = frozenset({"AggregationEvent", "AssociationEvent"})

# Times are ISO 8601 text of one form, so text compares as time does: "" is before all of them and "~" after.
Window = tuple[str, str]
ALWAYS: tuple[Window, ...] = (("", "~"),)


class ItemLike(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def lot_key(self) -> str: ...


class EventLike(Protocol):
    """What this needs of an event."""

    @property
    def event_hash(self) -> str: ...
    @property
    def event_type(self) -> str: ...
    @property
    def event_time(self) -> str: ...
    @property
    def action(self) -> str | None: ...
    @property
    def items(self) -> Sequence[ItemLike]: ...


@dataclass(frozen=True, slots=True)
class Carried:
    """The hashes of the container's events that belong to the child, and when the child was in it."""

    event_hashes: frozenset[str]
    windows: tuple[Window, ...]


def carried(
    container: str, child: str, events: Sequence[EventLike], child_windows: tuple[Window, ...] = ALWAYS
) -> Carried:
    """Which of the events that name the container concern the child.

    `child_windows` says when the child itself concerns us.
    """
    loadings = sorted((event for event in events if _loads(event, container)), key=_order)
    windows = _meet(_windows(child, loadings), child_windows)
    hashes = set()
    for event in events:
        named = _children(event)
        if _loads(event, container) and named:
            if child in named and within(event.event_time, child_windows):
                hashes.add(event.event_hash)
        elif within(event.event_time, windows):
            hashes.add(event.event_hash)
    return Carried(frozenset(hashes), windows)


def within(time: str, windows: Sequence[Window]) -> bool:
    return any(start <= time <= end for start, end in windows)


def _windows(child: str, loadings: Sequence[EventLike]) -> list[Window]:
    windows: list[Window] = []
    since: str | None = None
    for number, event in enumerate(loadings):
        children = _children(event)
        if event.action != "DELETE":
            if child in children and since is None:
                # Nothing was loaded before, so an earlier event of the pallet (a clock may be late) is the child's too.
                since = "" if number == 0 else event.event_time
        elif child in children or not children:
            if since is not None or child in children:
                windows.append((since or "", event.event_time))
            since = None
    if since is not None:
        windows.append((since, "~"))
    return windows


def _meet(left: Sequence[Window], right: Sequence[Window]) -> tuple[Window, ...]:
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in left for b in right)
    return tuple(window for window in both if window[0] <= window[1])


def _loads(event: EventLike, container: str) -> bool:
    return event.event_type in AGGREGATING and any(
        item.role == "parent" and item.lot_key == container for item in event.items
    )


def _children(event: EventLike) -> set[str]:
    return {item.lot_key for item in event.items if item.role == "child"}


def _order(event: EventLike) -> tuple[str, int]:
    return event.event_time, {"ADD": 0, "OBSERVE": 1}.get(event.action or "", 2)
