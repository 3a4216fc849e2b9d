"""Something was done with a lot before the lot was there: received before it was harvested, arrived before it left.

A time of exactly midnight counts as the whole day, since whoever knows the date only writes it so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.flows import ARRIVES, Movement, arrived, left, loaded, may_be, named_sources
from ledger.trace.findings.phrases import lot_name, members_of, place_name, unique
from ledger.trace.happenings import created
from ledger.trace.moment import gap_words, span, when
from ledger.trace.stated import LotFacts, StatedEvent
from ledger.trace.words import Text, step_name


def time_out_of_order(facts: LotFacts) -> Iterator[Finding]:
    """One finding a lot whose events begin before it was made, and one for each arrival before anything left.

    values: lot_key, earlier and later: event_hash, time (local, with offset), step; gap_seconds.
    """
    yield from _before_it_was_made(facts)
    yield from _before_it_left(facts)


def _before_it_was_made(facts: LotFacts) -> Iterator[Finding]:
    making: dict[str, list[StatedEvent]] = defaultdict(list)
    handling: dict[str, list[StatedEvent]] = defaultdict(list)
    for event in (*facts.history, *facts.forward):
        makes = created(event)
        for key in {item.lot_key for item in event.items if item.gtin and (item.lot or item.serial)}:
            (making if key in makes else handling)[key].append(event)
    for lot in facts.lots:
        made = making[lot.lot_key]
        if not made:
            continue
        first_made = min(made, key=lambda event: span(event)[0])
        early = [event for event in handling[lot.lot_key] if span(event)[1] < span(first_made)[0]]
        if early:
            yield _early_finding(lot.lot_key, sorted(early, key=lambda event: event.event_time), first_made)


def _before_it_left(facts: LotFacts) -> Iterator[Finding]:
    leaving, loads = left(facts), loaded(facts)
    told: set[str] = set()
    for arrival in arrived(facts):
        same = [movement for movement in (*leaving, *loads) if movement.lot_key == arrival.lot_key]
        if arrival.container:
            ways = [movement for movement in same if movement.container == arrival.container]
        else:
            # Without a named source, what left later may well be another consignment.
            ways = [movement for movement in leaving if movement in same and may_be(movement, arrival)]
            ways = ways if named_sources(arrival) else []
        if ways and arrival.event.event_hash not in told:
            first = min(ways, key=lambda movement: span(movement.event)[0])
            if span(arrival.event)[1] < span(first.event)[0]:
                told.add(arrival.event.event_hash)
                yield _arrival_finding(arrival, first)


def _early_finding(lot_key: str, early: list[StatedEvent], made: StatedEvent) -> Finding:
    receipts = [event for event in early if event.biz_step in ARRIVES]
    first = (receipts or early)[0]
    before_harvest = bool(receipts) and made.event_type == "ObjectEvent"
    name = lot_name(next(item for item in first.items if item.lot_key == lot_key))
    gap, more = gap_words(span(made)[0] - span(first)[0]), _more(len(early) - 1)
    where, origin = place_name(first.place), place_name(made.place)
    done = _done(first, received=bool(receipts))
    born = Text("采收（产出）", "harvested (created)") if before_harvest else Text("产出", "made")
    then, later = when(first).words, when(made).words
    return Finding(
        kind=Kind.RECEIVED_BEFORE_HARVESTED if before_harvest else Kind.TIME_OUT_OF_ORDER,
        severity=Severity.CONFLICT,
        title=Text("先收货、后采收", "Received before it was harvested")
        if before_harvest
        else Text("时间先后颠倒", "Times out of order"),
        sentence=Text(
            f"{name.zh_cn}：按记录，{where.zh_cn}在 {then} {done.zh_cn}，"
            f"比它在{origin.zh_cn}{born.zh_cn}的时间（{later}）还早 {gap.zh_cn}。{more.zh_cn}",
            f"{name.en}: by the records it was {done.en} at {where.en} on {then}, {gap.en} before it was {born.en} "
            f"at {origin.en} on {later}.{more.en}",
        ),
        lots=(lot_key,),
        event_hashes=unique(event.event_hash for event in (first, *early, made)),
        members=members_of((first, *early, made)),
        values=_values(lot_key, first, made),
    )


def _done(event: StatedEvent, *, received: bool) -> Text:
    if received:
        return Text("收货", "received")
    step = step_name(event.biz_step, event.event_type, event.action)
    return Text(f"已有“{step.zh_cn}”的记录", f"already recorded as “{step.en.lower()}”")


def _more(others: int) -> Text:
    if not others:
        return Text("", "")
    if others == 1:
        return Text("另有 1 项记录同样过早。", " One more record of it is too early as well.")
    return Text(f"另有 {others} 项记录同样过早。", f" {others} more records of it are too early as well.")


def _arrival_finding(arrival: Movement, sent: Movement) -> Finding:
    end, start = arrival.event, sent.event
    name, where, origin = lot_name(arrival.item), place_name(end.place), place_name(start.place)
    gap = gap_words(span(start)[0] - span(end)[0])
    then, later = when(end).words, when(start).words
    return Finding(
        kind=Kind.TIME_OUT_OF_ORDER,
        severity=Severity.CONFLICT,
        title=Text("先收货、后发货", "Received before it was shipped"),
        sentence=Text(
            f"{name.zh_cn}：按记录，{where.zh_cn}在 {then} 收货，比{origin.zh_cn}发货（{later}）还早 {gap.zh_cn}。",
            f"{name.en}: {where.en} received it on {then}, {gap.en} before it left {origin.en} ({later}).",
        ),
        lots=(arrival.lot_key,),
        event_hashes=unique((*arrival.hashes, *sent.hashes)),
        members=members_of((*arrival.group, *sent.group)),
        values=_values(arrival.lot_key, end, start),
    )


def _values(lot_key: str, earlier: StatedEvent, later: StatedEvent) -> dict[str, Any]:
    def told(event: StatedEvent) -> dict[str, str | None]:
        return {"event_hash": event.event_hash, "time": when(event).local, "step": event.biz_step}

    gap = span(later)[0] - span(earlier)[0]
    return {"lot_key": lot_key, "earlier": told(earlier), "later": told(later), "gap_seconds": int(gap.total_seconds())}
