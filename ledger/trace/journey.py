"""A lot's journey: its history in order of time, each step with who said it and how well it is known. Pure.

`tell(facts)` makes a `Journey` of `LotFacts`. Statements of the same event hash are one step with several signers; events
that agree in what matters (type, time, place, step, goods and quantities) and differ in a detail (an order reference) are
one step with several accounts. Contents that contradict one another stay separate steps that name each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.trace.stated import Item, Member, Place, Recall, SensorValue, StatedEvent, Statement
from ledger.trace.findings import Finding
from ledger.trace.grades import Grade
from ledger.trace.words import Text


@dataclass(frozen=True, slots=True)
class When:
    """A moment. `local` is ISO 8601 in the event's own zone to the second; `whole_day`: said as local midnight, so
    likely a date without a time of day."""

    utc: str  # ISO 8601 with milliseconds and Z
    local: str  # 2026-04-17T09:26:42-04:00
    offset: str  # -04:00
    whole_day: bool

    @property
    def words(self) -> str:
        """2026-04-17 09:26 (UTC-04:00), or 2026-04-18 (UTC-04:00) for a whole day."""
        stamp = self.local[:10] if self.whole_day else f"{self.local[:10]} {self.local[11:16]}"
        return f"{stamp} (UTC{self.offset})"


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
class Branch:
    """A lot and what it was made from (or, forward, what was made of it)."""

    lot_key: str
    gtin: str | None
    lot: str | None
    name: str | None
    origin_known: bool
    steps: tuple[str, ...]  # keys of the steps that created it (forward: that used its parent)
    inputs: tuple[Branch, ...]


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
