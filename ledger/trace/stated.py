"""What the database holds about a lot, as immutable records: the events of its history, who stated each, and where.

Holds the records only; `ledger.trace.facts` loads them. Everything after this is pure: journey, grades and findings
are functions of `LotFacts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.chain.roles import Role


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the consortium. `roles` is the bitwise or of IMembers.sol's Role."""

    member: int
    slug: str
    name: str
    roles: int

    @property
    def certifies(self) -> bool:
        return Role.CERTIFIER in Role(self.roles)


@dataclass(frozen=True, slots=True)
class Place:
    """A read point, business location, source or destination. `uri` is canonical or as said; `holder` holds the GLN."""

    uri: str
    gln: str | None
    name: str | None
    holder: Member | None


@dataclass(frozen=True, slots=True)
class Item:
    """What an event names, in the role it has there: object, parent, child, input, output.

    `quantity` is decimal text as said. `name` is the product's name where the GTIN is assigned.
    """

    role: str
    epc: str
    lot_key: str
    gtin: str | None
    lot: str | None
    serial: str | None
    sscc: str | None
    quantity: str | None
    uom: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A member said it, in a block. All hex without 0x except `tx_hash`; `recorded_at` is Unix seconds.

    `document` and `position` say where the words stand in the document store; `event_id` is the ID in that document.
    """

    member: Member
    recorded_at: int
    block: int
    log_index: int
    tx_hash: str
    commitment: str
    salt: str | None
    document: str | None
    position: int | None
    event_id: str | None
    grant_hash: str | None


@dataclass(frozen=True, slots=True)
class SensorValue:
    """One measured value: decimal text as said, with the unit's code and the device that measured."""

    type: str | None
    value: str
    uom: str | None
    device_id: str | None


@dataclass(frozen=True, slots=True)
class StatedEvent:
    """One event hash with everything that was said of it. `statements` are in the order of the chain."""

    event_hash: str
    event_type: str
    event_time: str  # UTC, ISO 8601 with milliseconds and Z
    time_zone_offset: str  # +08:00
    action: str | None
    biz_step: str | None
    disposition: str | None
    place: Place | None  # the read point, else the business location
    sources: tuple[Place, ...]
    destinations: tuple[Place, ...]
    items: tuple[Item, ...]
    orders: tuple[tuple[str | None, str], ...]  # business transactions: type, id
    sensors: tuple[SensorValue, ...]
    statements: tuple[Statement, ...]
    body: Mapping[str, Any] = field(hash=False, compare=False)

    @property
    def holder(self) -> Member | None:
        """The member that holds the place where it happened."""
        return self.place.holder if self.place else None

    def items_in(self, *roles: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.role in roles)


@dataclass(frozen=True, slots=True)
class Lot:
    """A node of the history: a lot, an item without a lot, or a logistic unit that carried one.

    `depth` counts the hops from the lot asked for: 0 itself, 1 its inputs, -1 what was made of it. `downstream` also of a lot
    that lies both ways, where goods went in a circle; its depth is that upstream.
    """

    lot_key: str
    gtin: str | None
    lot: str | None
    sscc: str | None
    name: str | None
    depth: int
    downstream: bool = False


@dataclass(frozen=True, slots=True)
class Recall:
    """A lot called back. `closed_at` is None while the recall stands."""

    member: Member
    reason: str
    opened_at: int
    block: int
    tx_hash: str
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class LotFacts:
    """Everything that concerns one lot.

    `history` are the events of the lot, of what it was made from (any depth), and of the pallets they stood on while
    they stood there. `related` are events outside the history that a finding needs: another content under the same
    event id, other uses of the same input. `created` are the keys of all lots named in either that some event creates.
    """

    gtin: str
    lot: str
    lot_key: str
    product: str | None
    owner: Member | None
    lots: tuple[Lot, ...]
    history: tuple[StatedEvent, ...]
    forward: tuple[StatedEvent, ...]  # what was made of the lot and went on; empty unless asked for
    related: tuple[StatedEvent, ...]
    created: frozenset[str]
    recalls: tuple[Recall, ...]
