"""Which events tell of one and the same happening. Pure.

A member that retells another's event often leaves a detail out (an order reference, a disposition): another hash, the
same happening. Two events agree in what matters when type, time, action, step, place, goods and quantities do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal, InvalidOperation

from ledger.trace.grades import grade
from ledger.trace.stated import Item, StatedEvent

Happening = tuple[StatedEvent, ...]  # never empty: the best known account first


def happenings(events: Iterable[StatedEvent]) -> list[Happening]:
    """The events grouped, in the order of each group's first."""
    groups: dict[Hashable, list[StatedEvent]] = defaultdict(list)
    for event in events:
        groups[core(event)].append(event)
    return [tuple(sorted(group, key=_best_first)) for group in groups.values()]


def core(event: StatedEvent) -> Hashable:
    """What matters in an event, for comparing."""
    place = (event.place.gln or event.place.uri) if event.place else None
    return event.event_type, event.event_time, event.action, event.biz_step, place, goods(event)


def goods(event: StatedEvent) -> Hashable:
    """What an event names with its quantities, in any order; 5, 5.0 and 5.00 are the same quantity."""
    return tuple(sorted(_item(item) for item in event.items))


def creates(event: StatedEvent, lot_key: str) -> bool:
    """Whether the event is the origin of a lot: it adds it (action ADD), or transforms something into it."""
    if any(item.lot_key == lot_key for item in event.items_in("output")):
        return True
    added = event.event_type == "ObjectEvent" and event.action == "ADD"
    return added and any(item.lot_key == lot_key for item in event.items_in("object"))


def event_ids(event: StatedEvent) -> frozenset[str]:
    return frozenset(statement.event_id for statement in event.statements if statement.event_id)


def alternatives(groups: Sequence[Happening]) -> list[list[Happening]]:
    """Happenings that share an event id contradict one another: only one of each list can have been."""
    clusters: list[tuple[set[str], list[Happening]]] = []
    for group in groups:
        ids = {event_id for event in group for event_id in event_ids(event)}
        met = [cluster for cluster in clusters if cluster[0] & ids]
        joined = (ids.union(*(cluster[0] for cluster in met)), [*(each for c in met for each in c[1]), group])
        clusters = [cluster for cluster in clusters if cluster not in met] + [joined]
    return [cluster[1] for cluster in clusters]


def _item(item: Item) -> tuple[str, str, str, str]:
    try:
        quantity = str(Decimal(item.quantity).normalize()) if item.quantity is not None else ""
    except InvalidOperation:
        quantity = str(item.quantity)
    return item.role, item.epc, quantity, item.uom or ""


def _best_first(event: StatedEvent) -> tuple[int, int, int, str]:
    first = event.statements[0] if event.statements else None
    return grade(event).rank, first.block if first else 0, first.log_index if first else 0, event.event_hash
