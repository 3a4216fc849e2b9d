"""More of a lot arrived than left: on the same pallet, or on the way from one place to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.flows import Movement, arrived, left, loaded, may_be, named_sources, received, shipped
from ledger.trace.findings.phrases import lot_name, members_of, names, place_name, unique
from ledger.trace.grades import said_of
from ledger.trace.quantities import Totals, add, as_json, excess, words
from ledger.trace.stated import LotFacts
from ledger.trace.words import Text


def received_more_than_shipped(facts: LotFacts) -> Iterator[Finding]:
    """One finding for a lot at a place (and pallet).

    values: lot_key, pallet (key or null), shipped, received, excess: lists of quantity and uom; from, to: places.
    """
    lots = {lot.lot_key for lot in facts.lots}
    loads, leaving = loaded(facts), left(facts)
    arrivals: dict[tuple[str, str, str | None, frozenset[str]], list[Movement]] = defaultdict(list)
    for movement in arrived(facts):
        place, pallet = movement.event.place, movement.container
        if movement.lot_key in lots and place is not None:
            sources = frozenset() if pallet else frozenset(source.uri for source in named_sources(movement))
            arrivals[(movement.lot_key, place.gln or place.uri, pallet, sources)].append(movement)
    for (lot_key, _, pallet, _), movements in arrivals.items():
        on_pallet = [load for load in loads if load.lot_key == lot_key and load.container == pallet and pallet]
        if on_pallet:
            # A pallet arrives whole: each account of it stands for itself, so that a second look at it adds nothing.
            comparisons = [(movement.amount, [movement]) for movement in movements]
            sent, senders = add(load.amount for load in on_pallet), on_pallet
        else:
            same_lot = [movement for movement in leaving if movement.lot_key == lot_key]
            matched = [arrival for arrival in movements if any(may_be(movement, arrival) for movement in same_lot)]
            senders = [movement for movement in same_lot if any(may_be(movement, arrival) for arrival in matched)]
            comparisons, sent = [received(matched)] if matched else [], shipped(senders)
        for amount, arriving in comparisons:
            beyond = excess(amount, sent)
            if beyond:
                ways = [*senders, *(m for m in leaving if m.container == pallet and pallet and m.lot_key == lot_key)]
                yield _finding(sent, amount, beyond, ways, arriving, pallet if on_pallet else None)
                break


def _finding(
    sent: Totals,
    amount: Totals,
    beyond: Totals,
    senders: Sequence[Movement],
    arriving: Sequence[Movement],
    pallet: str | None,
) -> Finding:
    first, last = senders[0], arriving[0]
    name, few, many, gap = lot_name(last.item), words(sent), words(amount), words(beyond)
    start, end = place_name(first.event.place), place_name(last.event.place)
    on = Text(f"（物流单元 {pallet}）", f" on pallet {pallet}") if pallet else Text("", "")
    told = _told(last)
    events = [event for movement in (*arriving, *senders) for event in movement.group]
    return Finding(
        kind=Kind.RECEIVED_MORE_THAN_SHIPPED,
        severity=Severity.CONFLICT,
        title=Text("收货多于发货", "More received than shipped"),
        sentence=Text(
            f"{name.zh_cn}：从{start.zh_cn}发出{on.zh_cn}的是 {few.zh_cn}，{end.zh_cn}收到的却是 {many.zh_cn}"
            f"{told.zh_cn}，多出 {gap.zh_cn}。",
            f"{name.en}: {few.en} left {start.en}{on.en}, yet {end.en} received {many.en}{told.en}, {gap.en} more.",
        ),
        lots=(last.lot_key,),
        event_hashes=unique(event.event_hash for event in events),
        members=members_of(events),
        values={
            "lot_key": last.lot_key,
            "pallet": pallet,
            "shipped": as_json(sent),
            "received": as_json(amount),
            "excess": as_json(beyond),
            "from": first.event.place.uri if first.event.place else None,
            "to": last.event.place.uri if last.event.place else None,
        },
    )


def _told(arrival: Movement) -> Text:
    """Who says so, where it is not the receiver."""
    if said_of(arrival.event) is None:
        return Text("", "")
    who = names(members_of(arrival.group))
    return Text(f"（{who.zh_cn}如此称）", f" (so says {who.en})")
