"""The family tree of a lot: what it was made from, and what was made of it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.trace.containers import AGGREGATING
from ledger.trace.event_body import transformation_id
from ledger.trace.happenings import created, happenings
from ledger.trace.stated import Item, LotFacts, StatedEvent


@dataclass(frozen=True, slots=True)
class Branch:
    """A lot and what it was made from (or, forward, what was made of it). A lot met twice is drawn out once."""

    lot_key: str
    gtin: str | None
    lot: str | None
    name: str | None
    origin_known: bool
    steps: tuple[str, ...]  # keys of the steps that created it
    event_hashes: tuple[str, ...]  # the events that tie it to the lot it hangs on
    inputs: tuple[Branch, ...]


def branches(facts: LotFacts, *, upstream: bool) -> tuple[Branch, ...]:
    """The branches that begin at the lot asked for. Circles end where a lot is met again."""
    links = _links(facts, upstream)
    items: dict[str, Item] = {}
    for event in (*facts.history, *facts.forward):
        for item in event.items:
            items.setdefault(item.lot_key, item)
    created_by: dict[str, list[str]] = defaultdict(list)
    for group in happenings((*facts.history, *facts.forward)):
        for key in created(group[0]):
            created_by[key].append(group[0].event_hash)
    drawn = {facts.lot_key}

    def grow(key: str) -> tuple[Branch, ...]:
        grown = []
        for other, hashes in links[key].items():
            first = other not in drawn
            drawn.add(other)
            item = items[other]
            grown.append(
                Branch(
                    lot_key=other,
                    gtin=item.gtin,
                    lot=item.lot,
                    name=item.name,
                    origin_known=other in facts.created,
                    steps=tuple(created_by[other]),
                    event_hashes=tuple(dict.fromkeys(hashes)),
                    inputs=grow(other) if first else (),
                )
            )
        return tuple(grown)

    return grow(facts.lot_key)


def _links(facts: LotFacts, upstream: bool) -> dict[str, dict[str, list[str]]]:
    """From each lot to its inputs (upstream) or products, with the event hashes that tie them."""
    events = (*facts.history, *facts.forward)
    links: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        made, used = _made_and_used(event, events)
        for output in made:
            for used_key in used:
                start, end = (output, used_key) if upstream else (used_key, output)
                if start != end:
                    links[start][end].append(event.event_hash)
    return links


def _made_and_used(event: StatedEvent, events: tuple[StatedEvent, ...]) -> tuple[list[str], list[str]]:
    """The keys of what an event made and of what it used, in the order in which they are named."""
    if event.event_type in AGGREGATING:
        # A set of goods that has a lot of its own was made of its parts; a pallet was not.
        whole = _keys(item for item in event.items_in("parent") if item.gtin)
        return whole, _keys(event.items_in("child")) if whole else []
    parts = [event]
    name = transformation_id(event.body)
    if name is not None:
        parts = [other for other in events if transformation_id(other.body) == name]
    return _keys(event.items_in("output")), _keys(item for part in parts for item in part.items_in("input"))


def _keys(items: Iterable[Item]) -> list[str]:
    return list(dict.fromkeys(item.lot_key for item in items))
