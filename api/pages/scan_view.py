"""What the scan page shows of a journey, worked out from its records. Pure: no request, no database.

The templates lay out; here is decided which steps answer "where is it from", how many records of each grade there
are, and how a finding points at the steps that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.trace.findings import Finding
from ledger.trace.grades import Grade
from ledger.trace.journey import Branch, Journey, Step
from ledger.trace.stated import Item

# The page stays light whatever the lot: what is beyond is counted, and stands in full at /trace.
MOST_STEPS, MOST_FINDINGS, MOST_LISTED = 40, 20, 12


@dataclass(frozen=True)
class Origin:
    """One thing the lot was made from (or the lot itself) and where its story begins; `step` None: no origin on
    record."""

    name: str | None
    gtin: str | None
    lot: str | None
    step: Step | None


@dataclass(frozen=True)
class JourneyView:
    """A journey with what the page needs at hand. `number` is a step's place in the timeline, from 1; `shown` are the
    steps that the page tells, `findings` the findings."""

    journey: Journey
    number: Mapping[str, int]
    shown: tuple[Step, ...]
    findings: tuple[Finding, ...]
    grades: tuple[tuple[Grade, int], ...]
    records: int
    signers: int
    made: Step | None
    origins: tuple[Origin, ...]

    def steps_of(self, finding: Finding) -> list[tuple[int, str]]:
        """The steps on the page that a finding rests on: number and key, in order."""
        wanted = set(finding.event_hashes)
        found = [step for step in self.shown if any(account.event_hash in wanted for account in step.accounts)]
        return [(self.number[step.key], step.key) for step in found]

    def hashes_elsewhere(self, finding: Finding) -> list[str]:
        """The events a finding rests on that are no part of the timeline on the page."""
        here = {account.event_hash for step in self.shown for account in step.accounts}
        return [one for one in finding.event_hashes if one not in here]

    def findings_of(self, step: Step) -> list[tuple[int, Finding]]:
        """The findings on the page that rest on the step, with their numbers from 1."""
        return [(index + 1, self.findings[index]) for index in step.findings if index < len(self.findings)]


def view_of(journey: Journey) -> JourneyView:
    """The view of a journey."""
    by_key = {step.key: step for step in journey.steps}
    counted = Counter(account.grade for step in journey.steps for account in step.accounts)
    return JourneyView(
        journey=journey,
        number={step.key: place for place, step in enumerate(journey.steps, start=1)},
        shown=_shown(journey),
        findings=journey.findings[:MOST_FINDINGS],
        grades=tuple((grade, counted[grade]) for grade in Grade if counted[grade]),
        records=sum(counted.values()),
        signers=len({signer.member for step in journey.steps for signer in step.signers}),
        made=_maker(journey),
        origins=tuple(_origins(journey, by_key)),
    )


def _shown(journey: Journey) -> tuple[Step, ...]:
    """The steps that the page tells: of too many, those that findings rest on, then the first ones and the last."""
    steps = journey.steps
    if len(steps) <= MOST_STEPS:
        return steps
    doubtful = sorted((min(step.findings), place) for place, step in enumerate(steps) if step.findings)
    ends = (place for near in range(len(steps)) for place in (near, len(steps) - 1 - near))
    wanted = dict.fromkeys([place for _, place in doubtful[: MOST_STEPS // 2]])
    for place in ends:
        if len(wanted) == MOST_STEPS:
            break
        wanted[place] = None
    return tuple(steps[place] for place in sorted(wanted))


def goods_by_role(step: Step) -> list[tuple[str, list[Item]]]:
    """A step's goods under the words that say what they are to it: used, made, pallet, goods."""
    words = {"input": "used", "output": "made", "parent": "pallet", "child": "goods", "object": "goods"}
    groups: dict[str, list[Item]] = {}
    for item in step.goods:
        groups.setdefault(words.get(item.role, "goods"), []).append(item)
    return list(groups.items())


def _maker(journey: Journey) -> Step | None:
    """The step that made the lot, when it was made of something else."""
    for step in journey.steps:
        if step.depth == 0 and any(item.role == "output" and item.lot_key == journey.lot_key for item in step.goods):
            return step
    return None


def _origins(journey: Journey, by_key: Mapping[str, Step]) -> Iterator[Origin]:
    """The ends of the branches upstream. A lot without inputs is its own origin."""
    if not journey.inputs:
        first = next((step for step in journey.steps if step.depth == 0), None)
        yield Origin(journey.product, journey.gtin, journey.lot, first if journey.origin_known else None)
        return
    drawn_out = {branch.lot_key for branch in _all(journey.inputs) if branch.inputs}
    seen: set[str] = set()
    for branch in _all(journey.inputs):
        if branch.inputs or branch.lot_key in drawn_out or branch.lot_key in seen:
            continue  # a lot that is met twice is drawn out once
        seen.add(branch.lot_key)
        known = next((by_key[key] for key in branch.steps if key in by_key), None) if branch.origin_known else None
        yield Origin(branch.name, branch.gtin, branch.lot, known)


def _all(branches: tuple[Branch, ...]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _all(branch.inputs)
