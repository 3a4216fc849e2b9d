"""More of a lot was used than was ever made of it: something else went in under its name.

Told with care, so that it is true when it is told: all accounts of making count, even those that contradict each
other; of all accounts of using it for one and the same product, only the largest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.phrases import lot_name, members_of, unique
from ledger.trace.happenings import created, happenings
from ledger.trace.quantities import Totals, add, as_json, excess, totals, words
from ledger.trace.stated import Item, LotFacts, StatedEvent
from ledger.trace.words import Text


def used_more_than_made(facts: LotFacts) -> Iterator[Finding]:
    """One finding a lot. values: lot_key, made, used, excess: lists of quantity and uom."""
    making: dict[str, list[tuple[Totals, StatedEvent]]] = defaultdict(list)
    largest: dict[str, dict[frozenset[str], tuple[Totals, StatedEvent]]] = defaultdict(dict)
    for event, *_ in happenings((*facts.history, *facts.forward, *facts.related)):
        makes, products = created(event), frozenset(item.lot_key for item in event.items_in("output"))
        for key, amount in _by_lot(event.items_in("output", "object")):
            if key in makes:
                making[key].append((amount, event))
        for key, amount in _by_lot(event.items_in("input")):
            if amount and (products not in largest[key] or excess(amount, largest[key][products][0])):
                largest[key][products] = amount, event
    for lot in facts.lots:
        made, used = making[lot.lot_key], list(largest[lot.lot_key].values())
        made_in_all, used_in_all = add(amount for amount, _ in made), add(amount for amount, _ in used)
        beyond = excess(used_in_all, made_in_all)
        if beyond:
            makers, users = [event for _, event in made], [event for _, event in used]
            yield _finding(lot.lot_key, made_in_all, used_in_all, beyond, makers, users)


def _by_lot(items: Iterable[Item]) -> Iterator[tuple[str, Totals]]:
    """The quantity of each lot: in one pass, since an event may name thousands of them."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.lot_key].append(item)
    for key, those in found.items():
        yield key, totals(those)


def _finding(
    key: str, made: Totals, used: Totals, beyond: Totals, making: list[StatedEvent], using: list[StatedEvent]
) -> Finding:
    name = lot_name(next(item for event in (*making, *using) for item in event.items if item.lot_key == key))
    many, few, gap = words(used), words(made), words(beyond)
    return Finding(
        kind=Kind.USED_MORE_THAN_MADE,
        severity=Severity.CONFLICT,
        title=Text("用量多于产量", "More used than made"),
        sentence=Text(
            f"{name.zh_cn}：记录的产量为 {few.zh_cn}，用量却是 {many.zh_cn}，多出 {gap.zh_cn}。",
            f"{name.en}: {few.en} were made by the records, yet {many.en} were used, {gap.en} more.",
        ),
        lots=(key,),
        event_hashes=unique(event.event_hash for event in (*using, *making)),
        members=members_of((*using, *making)),
        values={"lot_key": key, "made": as_json(made), "used": as_json(used), "excess": as_json(beyond)},
    )
