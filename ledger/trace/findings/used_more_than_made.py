"""More of a lot was used than was ever made of it: something else went in under its name.

Told with care, so that it is true when it is told: all accounts of making count, even those that contradict each
other; of all accounts of using it for one and the same product, only the largest.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.phrases import lot_name, members_of, unique
from ledger.trace.happenings import creates, happenings
from ledger.trace.quantities import Totals, add, as_json, excess, totals, words
from ledger.trace.stated import LotFacts, StatedEvent
from ledger.trace.words import Text


def used_more_than_made(facts: LotFacts) -> Iterator[Finding]:
    """One finding a lot. values: lot_key, made, used, excess: lists of quantity and uom."""
    groups = [group[0] for group in happenings((*facts.history, *facts.forward, *facts.related))]
    for lot in facts.lots:
        key = lot.lot_key
        making = [event for event in groups if creates(event, key)]
        made = add(_of(event, key, "output", "object") for event in making)
        largest: dict[frozenset[str], tuple[Totals, StatedEvent]] = {}
        for event in groups:
            used = _of(event, key, "input")
            products = frozenset(item.lot_key for item in event.items_in("output"))
            if used and (products not in largest or excess(used, largest[products][0])):
                largest[products] = (used, event)
        used_in_all = add(used for used, _ in largest.values())
        beyond = excess(used_in_all, made)
        if beyond:
            yield _finding(key, made, used_in_all, beyond, making, [event for _, event in largest.values()])


def _of(event: StatedEvent, key: str, *roles: str) -> Totals:
    return totals(item for item in event.items_in(*roles) if item.lot_key == key)


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
