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


def created(event: StatedEvent) -> frozenset[str]:
    """The lots that the event is the origin of: it adds them (action ADD), or transforms something into them."""
    roles = ("output", "object") if event.event_type == "ObjectEvent" and event.action == "ADD" else ("output",)
    return frozenset(item.lot_key for item in event.items_in(*roles))


def event_ids(event: StatedEvent) -> frozenset[str]:
    return frozenset(statement.event_id for statement in event.statements if statement.event_id)


def alternatives(groups: Sequence[Happening]) -> list[list[Happening]]:
    """Happenings that share an event id contradict one another: only one of each list can have been."""
    clusters: dict[int, tuple[frozenset[str], list[Happening]]] = {}
    cluster_of: dict[str, int] = {}  # by event id: a lot may have thousands of happenings
    for number, group in enumerate(groups):
        ids = frozenset(event_id for event in group for event_id in event_ids(event))
        met = [clusters.pop(each) for each in sorted({cluster_of[each] for each in ids if each in cluster_of})]
        ids = ids.union(*(known for known, _ in met))
        clusters[number] = ids, [*(each for _, members in met for each in members), group]
        cluster_of.update(dict.fromkeys(ids, number))
    return [members for _, members in clusters.values()]


def _item(item: Item) -> tuple[str, str, str, str]:
    try:
        quantity = str(Decimal(item.quantity).normalize()) if item.quantity is not None else ""
    except InvalidOperation:
        quantity = str(item.quantity)
    return item.role, item.epc, quantity, item.uom or ""


def _best_first(event: StatedEvent) -> tuple[int, int, int, str]:
    first = event.statements[0] if event.statements else None
    return grade(event).rank, first.block if first else 0, first.log_index if first else 0, event.event_hash
