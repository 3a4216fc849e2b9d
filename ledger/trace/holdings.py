"""Who holds how much of which lot: what a holder made or received, less what it sent on or used. Pure.

Counted as the findings count it (`findings.flows`): a happening that two members tell counts once, and of contradicting
accounts that of the member whose place it is. Goods that come back or are destroyed under a recall are left out here:
`recovery` sets them against what is held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.trace.findings.flows import (
    ARRIVES,
    Accounts,
    Movement,
    accounts_of,
    arrived,
    left,
    received,
    settled,
    shipped,
)
from ledger.trace.happenings import Happening, created
from ledger.trace.quantities import Totals, add, excess, larger, totals
from ledger.trace.stated import Item, LotFacts, Member, Place, StatedEvent

GONE = frozenset({"destroying", "decommissioning", "retail_selling", "dispensing"})


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose place it is. A place that no member holds stands for itself: `member` is None then."""

    key: str  # slug, else GLN, else URI: unique
    name: str
    member: Member | None
    gln: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Of one lot at one holder. Amounts by unit code; "" counts pieces.

    `held` is never less than nothing: who sent on more than came in holds none (a finding tells of that).
    `on_the_way` left for this holder and has not been received.
    """

    holder: Holder
    lot_key: str
    held: Totals
    on_the_way: Totals


def holder_of(place: Place) -> Holder:
    """The member that holds the place, or the place itself."""
    if place.holder is not None:
        return Holder(place.holder.slug, place.holder.name, place.holder, place.gln)
    key = place.gln or place.uri
    return Holder(key, place.name or key, None, place.gln)


def holdings(
    facts: LotFacts,
    lot_keys: Collection[str],
    left_out: Callable[[StatedEvent], bool] = lambda event: False,
    told: Accounts | None = None,
) -> tuple[Holding, ...]:
    """What each holder had a part in, of these lots, by holder and lot; also those that hold nothing any more.

    `left_out` says which events do not count here; `told` spares reckoning `accounts_of` again.
    """
    came: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    went: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    towards: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    holders: dict[str, Holder] = {}

    def known(place: Place) -> str:
        holder = holder_of(place)
        holders.setdefault(holder.key, holder)
        return holder.key

    told = accounts_of(facts) if told is None else told
    for movement in arrived(facts, told):
        if movement.lot_key in lot_keys and movement.event.place and not left_out(movement.event):
            came[(known(movement.event.place), movement.lot_key)].append(movement)
    for movement in left(facts, told):
        if movement.lot_key not in lot_keys or left_out(movement.event):
            continue
        if movement.event.place:
            went[(known(movement.event.place), movement.lot_key)].append(movement)
        for place in movement.event.destinations[:1]:  # a place stands before the owners
            towards[(known(place), movement.lot_key)].append(movement)
    made, gone = _made_and_gone(settled(facts, told, take_larger=True), lot_keys, left_out, known)
    found = []
    for key, lot_key in sorted({*came, *went, *towards, *made, *gone}):
        at = (key, lot_key)
        arrivals = received(came[at])[0] if came[at] else {}
        # A lot is made once where several steps of one holder tell of it, and may be seen to arrive from its own field.
        held = less(add([made[at], arrivals]), add([shipped(went[at]), gone[at]]))
        underway = less(shipped(towards[at]), arrivals) if towards[at] else {}
        found.append(Holding(holders[key], lot_key, held, underway))
    return tuple(found)


def less(more: Totals, minus: Totals) -> Totals:
    """What is left of `more`, unit by unit and across units that compare; never less than nothing."""
    if not more or not minus:
        return {uom: value for uom, value in more.items() if value > 0}
    if len(more) == 1:
        if set(more) != set(minus) and excess(minus, more) is None and excess(more, minus) is None:
            # Equal within rounding, or units that do not compare: then nothing can be taken off.
            return {} if _compares(more, minus) else dict(more)
        return excess(more, minus) or {}
    return {uom: rest for uom, value in more.items() if (rest := value - minus.get(uom, Decimal(0))) > 0}


def _compares(left_side: Totals, right_side: Totals) -> bool:
    tiny = {uom: value * Decimal("0.000001") for uom, value in right_side.items()}
    return excess(left_side, tiny) is not None


def _made_and_gone(
    groups: Sequence[Happening],
    lot_keys: Collection[str],
    left_out: Callable[[StatedEvent], bool],
    known: Callable[[Place], str],
) -> tuple[dict[tuple[str, str], Totals], dict[tuple[str, str], Totals]]:
    """Amounts by holder and lot that came into being there, and that were used, sold or destroyed there."""
    made: dict[tuple[str, str], Totals] = defaultdict(dict)
    gone: dict[tuple[str, str], list[Totals]] = defaultdict(list)
    for group in groups:
        event = group[0]
        if event.place is None or left_out(event):
            continue
        for lot_key, items in _by_lot(_made(group), lot_keys):
            at = (known(event.place), lot_key)
            made[at] = _also_made(made[at], totals(items), event)
        for lot_key, items in _by_lot(_gone(event), lot_keys):
            gone[(known(event.place), lot_key)].append(totals(items))
    return made, defaultdict(dict, {at: add(amounts) for at, amounts in gone.items()})


def _also_made(before: Totals, amount: Totals, event: StatedEvent) -> Totals:
    """Runs of a transformation add up; a class that is said to be created again is the same goods."""
    return add([before, amount]) if event.event_type == "TransformationEvent" else larger(before, amount)


def _made(group: Happening) -> Sequence[Item]:
    event = group[0]
    lots = created(event) if event.biz_step not in ARRIVES else frozenset()
    return [item for item in event.items_in("output", "object") if item.lot_key in lots]


def _gone(event: StatedEvent) -> Sequence[Item]:
    if event.event_type == "TransformationEvent":
        return event.items_in("input")
    if event.event_type == "ObjectEvent" and (event.biz_step in GONE or event.action == "DELETE"):
        return event.items_in("object")
    return ()


def _by_lot(items: Iterable[Item], lot_keys: Collection[str]) -> list[tuple[str, list[Item]]]:
    grouped: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.lot_key in lot_keys:
            grouped[item.lot_key].append(item)
    return list(grouped.items())
