"""A lot's journey: its history in order of time, each step with who said it and how well it is known. Pure.

`tell(facts)` makes a `Journey` of `LotFacts`. Statements of the same event hash are one step with several signers;
events that agree in what matters (type, time, place, step, goods and quantities) and differ in a detail (an order
reference) are one step with several accounts. Contents that contradict one another stay separate steps that name each
other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.trace.branches import Branch, branches
from ledger.trace.containers import AGGREGATING
from ledger.trace.findings import Finding, find
from ledger.trace.grades import Grade, grade, said_of
from ledger.trace.happenings import Happening, event_ids, happenings
from ledger.trace.moment import When, span, when
from ledger.trace.stated import Item, LotFacts, Member, Place, Recall, SensorValue, StatedEvent, Statement
from ledger.trace.words import Text, step_name

__all__ = ["Account", "Branch", "Journey", "Step", "When", "in_order", "tell"]


@dataclass(frozen=True, slots=True)
class Account:
    """One event hash among those of a step, with its statements: the proof of the step.

    `details` are the business transactions and the disposition that not all accounts of the step share.
    """

    event: StatedEvent
    grade: Grade
    said_of: Member | None  # A of "B says of A"
    details: tuple[Text, ...]

    @property
    def event_hash(self) -> str:
        return self.event.event_hash

    @property
    def ni(self) -> str:
        """RFC 6920 URI with the CBV version, as GS1 CBV 2.0 section 8.9 writes an event hash."""
        return f"ni:///sha-256;{self.event.event_hash}?ver=CBV2.0"

    @property
    def statements(self) -> tuple[Statement, ...]:
        return self.event.statements


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the lot or to what it was made from."""

    key: str  # the event hash of its first account; unique in the journey
    what: Text
    event_type: str
    biz_step: str | None
    action: str | None
    when: When
    place: Place | None
    sources: tuple[Place, ...]
    destinations: tuple[Place, ...]
    goods: tuple[Item, ...]  # with their roles and quantities, as the event says
    aboard: tuple[
        Item, ...
    ]  # what a pallet carried by the last account of its load, where the event names the pallet only
    sensors: tuple[SensorValue, ...]
    depth: int  # hops from the lot asked for: 0 the lot itself, 1 its inputs; negative: what was made of it
    lots: tuple[str, ...]  # keys of the lots of this journey that it concerns
    grade: Grade  # the best of its accounts
    said_of: Member | None  # set when no signer holds the place: "signers say of said_of"
    signers: tuple[Member, ...]
    accounts: tuple[Account, ...]  # best grade first; never empty
    contradicts: tuple[str, ...]  # keys of steps that tell the same event id otherwise
    findings: tuple[int, ...]  # indexes into Journey.findings

    @property
    def who(self) -> Member | None:
        """Whose place it happened at; where nobody holds the place, the first signer."""
        if self.place is not None and self.place.holder is not None:
            return self.place.holder
        return self.signers[0] if self.signers else None


@dataclass(frozen=True, slots=True)
class Journey:
    """The whole story of a lot. `inputs` are the branches upstream, `made_into` those downstream (when asked for)."""

    gtin: str
    lot: str
    lot_key: str
    product: str | None
    owner: Member | None
    steps: tuple[Step, ...]
    inputs: tuple[Branch, ...]
    made_into: tuple[Branch, ...]
    findings: tuple[Finding, ...]
    members: tuple[Member, ...]
    recall: Recall | None  # the one that stands now
    recalls: tuple[Recall, ...]
    origin_known: bool


def tell(facts: LotFacts) -> Journey:
    """The journey of a lot, with its findings."""
    findings = find(facts)
    depths = {lot.lot_key: lot.depth for lot in facts.lots}
    groups = happenings((*facts.history, *facts.forward))
    by_id: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        for event_id in sorted({event_id for event in group for event_id in event_ids(event)}):
            by_id[event_id].append(group[0].event_hash)
    steps = [_step(group, depths, facts, by_id, findings) for group in groups]
    members = {signer.member: signer for step in steps for signer in step.signers}
    holders = {step.place.holder.member: step.place.holder for step in steps if step.place and step.place.holder}
    standing = [recall for recall in facts.recalls if recall.closed_at is None]
    return Journey(
        gtin=facts.gtin,
        lot=facts.lot,
        lot_key=facts.lot_key,
        product=facts.product,
        owner=facts.owner,
        steps=in_order(steps),
        inputs=branches(facts, upstream=True),
        made_into=branches(facts, upstream=False),
        findings=findings,
        members=tuple(member for _, member in sorted({**holders, **members}.items())),
        recall=standing[0] if standing else None,
        recalls=facts.recalls,
        origin_known=facts.lot_key in facts.created,
    )


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps in order of time, and where it is equal in the order of the chain.

    A step that is known by its date only comes after what happened on that day to the things that it used (the salad
    of 20 April after the lettuce that arrived on 20 April), and after the making of what it handles.
    """

    def key(step: Step) -> tuple[str, int, int, int]:
        event = step.accounts[0].event
        first = min(event.statements, key=lambda said: (said.block, said.log_index), default=None)
        time, late = step.when.utc, 0
        if step.when.whole_day:
            day_ends = span(event)[1]
            upstream = [other for other in steps if not other.when.whole_day and _cause(other) < _cause(step)]
            same_day = [other.when.utc for other in upstream if span(other.accounts[0].event)[0] < day_ends]
            time, late = max([time, *same_day]), 1
        return time, late, first.block if first else 0, first.log_index if first else 0

    return tuple(sorted(steps, key=key))


def _cause(step: Step) -> tuple[int, bool]:
    """What must come first on one day: what lies further upstream, and of one lot its making."""
    return -step.depth, step.event_type != "TransformationEvent" and step.action != "ADD"


def _step(
    group: Happening,
    depths: Mapping[str, int],
    facts: LotFacts,
    by_id: Mapping[str, Sequence[str]],
    findings: Sequence[Finding],
) -> Step:
    event, hashes = group[0], {each.event_hash for each in group}
    accounts = tuple(Account(each, grade(each), said_of(each), _details(each, group)) for each in group)
    signers = {said.member.member: said.member for each in group for said in each.statements}
    ids = sorted({event_id for each in group for event_id in event_ids(each)})
    others = dict.fromkeys(key for event_id in ids for key in by_id[event_id] if key != event.event_hash)
    concerned = [item for item in event.items if item.lot_key in depths]
    # A transformation is the story of what came out of it, not of what went in.
    main = [item for item in concerned if item.role != "input"] or concerned
    return Step(
        key=event.event_hash,
        what=step_name(event.biz_step, event.event_type, event.action, measured=bool(event.sensors)),
        event_type=event.event_type,
        biz_step=event.biz_step,
        action=event.action,
        when=when(event),
        place=event.place,
        sources=event.sources,
        destinations=event.destinations,
        goods=event.items,
        aboard=() if any(item.gtin for item in event.items) else _aboard(event, facts),
        sensors=event.sensors,
        depth=min((depths[item.lot_key] for item in main), key=abs, default=0),
        lots=tuple(dict.fromkeys(item.lot_key for item in concerned)),
        grade=accounts[0].grade,
        said_of=accounts[0].said_of,
        signers=tuple(signers.values()),
        accounts=accounts,
        contradicts=tuple(others),
        findings=tuple(number for number, finding in enumerate(findings) if hashes & set(finding.event_hashes)),
    )


def _details(event: StatedEvent, group: Happening) -> tuple[Text, ...]:
    """What this account tells and another account of the same happening does not."""
    found = []
    for kind, number in event.orders:
        if any((kind, number) not in other.orders for other in group):
            short = number.rsplit(":", 1)[-1]
            found.append(Text(f"单据 {kind or ''} {short}", f"document {kind or ''} {short}"))
    if event.disposition and any(other.disposition != event.disposition for other in group):
        found.append(Text(f"状态 {event.disposition}", f"disposition {event.disposition}"))
    return tuple(found)


def _aboard(event: StatedEvent, facts: LotFacts) -> tuple[Item, ...]:
    """The load of the pallet that an event names alone, by the last aggregation before it."""
    units = {item.lot_key for item in event.items}
    loads = [
        other
        for other in (*facts.history, *facts.forward)
        if other.event_type in AGGREGATING
        and other.action != "DELETE"
        and any(item.lot_key in units for item in other.items_in("parent"))
    ]
    before = [other for other in loads if other.event_time <= event.event_time]
    latest = before[-1] if before else loads[0] if loads else None
    return latest.items_in("child") if latest else ()
