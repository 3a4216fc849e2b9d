"""Goods that left a place and goods that arrived at one: what the records of shipping and receiving say of a lot.

Pure, and cautious: a happening that two members tell counts once; of contradicting accounts of one event that of the
member whose place it is counts; where several members tell of shipments on their own, the largest sum counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ledger.trace.containers import AGGREGATING
from ledger.trace.grades import speaks_for_its_place
from ledger.trace.happenings import Happening, alternatives, happenings
from ledger.trace.moment import span
from ledger.trace.quantities import Totals, add, larger, smaller, totals
from ledger.trace.stated import Item, LotFacts, Place, StatedEvent

LEAVES = frozenset({"shipping", "consigning", "departing", "transporting"})
Accounts = Sequence[Sequence[Happening]]  # each with those that contradict it; never empty

ARRIVES = frozenset({"receiving", "accepting", "arriving", "unloading", "unpacking"})


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount of one lot that left or arrived, by one happening. `container`: the pallet's key, if it was on one."""

    lot_key: str
    item: Item
    amount: Totals
    container: str | None
    group: Happening

    @property
    def event(self) -> StatedEvent:
        return self.group[0]

    @property
    def hashes(self) -> tuple[str, ...]:
        return tuple(event.event_hash for event in self.group)


def loaded(facts: LotFacts, told: Accounts | None = None) -> list[Movement]:
    """What was put on pallets: aggregations that add, or that leave with, a load. `told` as `settled` takes it."""
    return [
        movement
        for group in settled(facts, told, take_larger=True)
        if group[0].event_type in AGGREGATING
        and (group[0].action == "ADD" or (group[0].action == "OBSERVE" and group[0].biz_step in LEAVES))
        and group[0].biz_step not in ARRIVES
        for movement in _movements(group)
    ]


def left(facts: LotFacts, told: Accounts | None = None) -> list[Movement]:
    """What left a place, loose or on pallets; a pallet that is named alone leaves with what was loaded on it."""
    on_pallets: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for movement in loaded(facts, told):
        on_pallets[(movement.container or "", movement.lot_key)].append(movement)
    found = []
    for group in settled(facts, told, take_larger=True):
        if group[0].biz_step not in LEAVES:
            continue
        named = list(_movements(group))
        found += named
        alone = {item.lot_key for item in group[0].items} - {movement.lot_key for movement in named}
        for (container, lot_key), loads in on_pallets.items():
            if container in alone and not any(movement.container == container for movement in named):
                amount = add(load.amount for load in loads)
                found.append(Movement(lot_key, loads[0].item, amount, container, group))
    return found


def arrived(facts: LotFacts, told: Accounts | None = None) -> list[Movement]:
    """What arrived somewhere with its quantity told."""
    return [
        movement
        for group in settled(facts, told, take_larger=False)
        if group[0].biz_step in ARRIVES and group[0].action != "ADD"
        for movement in _movements(group)
    ]


def shipped(movements: Sequence[Movement]) -> Totals:
    """The sum that left, counted so that it is never too small: for each place the largest that one member says of
    one step, and the places together.
    """
    by_place: dict[str, dict[tuple[int, str | None], list[Totals]]] = defaultdict(lambda: defaultdict(list))
    for movement in movements:
        place = movement.event.place
        for teller in _tellers(movement):
            by_place[(place.gln or place.uri) if place else ""][(teller, movement.event.biz_step)].append(
                movement.amount
            )
    largest: list[Totals] = []
    for tellers in by_place.values():
        most: Totals = {}
        for amounts in tellers.values():
            most = larger(most, add(amounts))
        largest.append(most)
    return add(largest)


def received(movements: Sequence[Movement]) -> tuple[Totals, list[Movement]]:
    """The sum that arrived at a place, counted so that it is never too large, with the movements that make it up.

    What the member whose place it is says goes before what others say of it.
    """
    own = [movement for movement in movements if speaks_for_its_place(movement.event)]
    by_teller: dict[tuple[int, str | None], list[Movement]] = defaultdict(list)
    for movement in own or movements:
        holder = movement.event.holder
        for teller in [holder.member] if own and holder else _tellers(movement):
            by_teller[(teller, movement.event.biz_step)].append(movement)
    sums = [(add(movement.amount for movement in told), told) for told in by_teller.values()]
    best, told = sums[0]
    for total, others in sums[1:]:
        # A holder's steps (received, then unpacked) tell of the same goods: the largest. Strangers: the smallest.
        chosen = larger(best, total) if own else smaller(best, total)
        if chosen is total:
            best, told = total, others
    return best, told


def named_sources(arrival: Movement) -> tuple[Place, ...]:
    """Where the arrival says that it came from, as far as that is a place somebody knows."""
    return tuple(place for place in arrival.event.sources if place.holder is not None or place.gln is not None)


def may_be(leaving: Movement, arrival: Movement) -> bool:
    """Whether what left may be what arrived: the way that either names must fit the other's place.

    An arrival that names no source is not matched with what left only afterwards: that is another journey.
    """
    start, end, sources = leaving.event, arrival.event, named_sources(arrival)
    if start.destinations and not same_place(end.place, start.destinations):
        return False
    if sources and not same_place(start.place, sources):
        return False
    if not sources and span(start)[0] > span(end)[1]:
        return False
    return start.place is None or end.place is None or not same_place(start.place, [end.place])


def same_place(place: Place | None, others: Iterable[Place]) -> bool:
    """Whether a place is among others, by GLN, by URI or by the member that holds it."""
    if place is None:
        return False
    for other in others:
        if place.uri == other.uri or (place.gln is not None and place.gln == other.gln):
            return True
        if place.holder is not None and place.holder == other.holder:
            return True
    return False


def _tellers(movement: Movement) -> list[int]:
    return sorted({statement.member.member for event in movement.group for statement in event.statements})


def accounts_of(facts: LotFacts) -> Accounts:
    """The happenings, those that contradict one another together: reckoned once by who asks several times."""
    return alternatives(happenings((*facts.history, *facts.forward)))


def settled(facts: LotFacts, told: Accounts | None = None, *, take_larger: bool) -> list[Happening]:
    """The happenings; of contradicting accounts the holder's own, else the one with more (or less) goods."""
    chosen = []
    for accounts in accounts_of(facts) if told is None else told:
        own = [account for account in accounts if speaks_for_its_place(account[0])]
        best, *others = own or accounts
        for other in others:
            compare = larger if take_larger else smaller
            amounts = totals(best[0].items), totals(other[0].items)
            if compare(*amounts) == amounts[1]:
                best = other
        chosen.append(best)
    return chosen


def _movements(group: Happening) -> Iterator[Movement]:
    event = group[0]
    parents = event.items_in("parent")
    loose = event.items_in("child", "object")
    units = [item for item in loose if item.sscc]
    container = parents[0].lot_key if parents else units[0].lot_key if len(units) == 1 else None
    for key in dict.fromkeys(item.lot_key for item in loose if item.gtin and item.lot):
        items = [item for item in loose if item.lot_key == key]
        amount = totals(items)
        if amount:
            yield Movement(key, items[0], amount, container, group)
