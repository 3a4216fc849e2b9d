"""What became of recalled goods: found, returned, destroyed, as the holders say in events after the recall opened. Pure.

In words of CBV 2.0: *found* is disposition `recalled`, `non_sellable_other`, `unavailable` or `inactive`, at whatever step;
*returned* is disposition `returned`; *destroyed* is step `destroying`, or disposition `destroyed` or `disposed`. What
comes back is counted to whom it comes from: to the place that sends it, or to the source that its receiver names, whichever
tells of more. Whatever was returned or destroyed was found.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ledger.trace.findings.flows import ARRIVES, Accounts, settled
from ledger.trace.holdings import Holder, holder_of
from ledger.trace.quantities import Totals, add, larger, totals
from ledger.trace.stated import LotFacts, Place, StatedEvent

Fate = Literal["found", "returned", "destroyed"]

_FOUND = frozenset({"recalled", "non_sellable_other", "unavailable", "inactive"})
_DESTROYED = frozenset({"destroyed", "disposed"})


@dataclass(frozen=True, slots=True)
class Window:
    """The time of a recall, UTC as events write it: from its opening to its close, `until` "~" while it stands."""

    since: str
    until: str

    def holds(self, event: StatedEvent) -> bool:
        return self.since <= event.event_time <= self.until


@dataclass(frozen=True, slots=True)
class Recovered:
    """Of one lot at one holder: amounts by unit code."""

    holder: Holder
    lot_key: str
    found: Totals
    returned: Totals
    destroyed: Totals


def window(opened_at: int, closed_at: int | None) -> Window:
    """Of Unix seconds."""
    return Window(_utc(opened_at), _utc(closed_at) if closed_at is not None else "~")


def fate(event: StatedEvent) -> Fate | None:
    """What the event says became of its goods."""
    if event.biz_step == "destroying" or event.disposition in _DESTROYED:
        return "destroyed"
    if event.disposition == "returned":
        return "returned"
    return "found" if event.disposition in _FOUND else None


def recovered(
    facts: LotFacts, lot_keys: frozenset[str], during: Window, told: Accounts | None = None
) -> tuple[Recovered, ...]:
    """What each holder says became of these lots during the recall, by holder and lot."""
    said: dict[tuple[str, str], dict[str, list[Totals]]] = defaultdict(lambda: defaultdict(list))
    holders: dict[str, Holder] = {}
    for group in settled(facts, told, take_larger=False):
        event, what = group[0], fate(group[0])
        if what is None or not during.holds(event):
            continue
        place, kind = _whose(event, what)
        if place is None:
            continue
        holder = holder_of(place)
        holders.setdefault(holder.key, holder)
        goods = [item for item in event.items_in("object", "child") if item.lot_key in lot_keys]
        for lot_key in dict.fromkeys(item.lot_key for item in goods):
            amount = totals(item for item in goods if item.lot_key == lot_key)
            said[(holder.key, lot_key)][kind].append(amount)
    found = []
    for (key, lot_key), amounts in sorted(said.items()):
        returned = larger(add(amounts["returned"]), add(amounts["came back"]))
        destroyed = add(amounts["destroyed"])
        seen = larger(add(amounts["found"]), add([returned, destroyed]))
        found.append(Recovered(holders[key], lot_key, seen, returned, destroyed))
    return tuple(found)


def _whose(event: StatedEvent, what: Fate) -> tuple[Place | None, str]:
    """To whom it counts, and as what."""
    if what == "returned" and event.biz_step in ARRIVES:
        return (event.sources[0] if event.sources else None), "came back"
    return event.place, what


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
