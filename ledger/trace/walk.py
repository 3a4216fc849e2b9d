"""The walk from a lot to what it was made from, and on request to what was made of it.

It goes level by level (breadth first), with two queries a level whatever its width, and visits no lot twice, so circles
end. It finds which events belong to the history and how far each lot is; it leaves loading them in full to
`ledger.trace.event_rows`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.store import schema
from ledger.trace.as_of import recorded_by
from ledger.trace.containers import AGGREGATING, ALWAYS, Window, carried
from ledger.trace.event_body import read_body, transformation_id
from ledger.trace.event_rows import in_batches

Riders = dict[str, dict[str, tuple[Window, ...]]]  # by container: what was in it, and when that concerns us


@dataclass(frozen=True, slots=True)
class MetItem:
    """What an event names, as far as the walk needs it."""

    role: str
    lot_key: str


@dataclass(frozen=True, slots=True)
class MetEvent:
    """An event met on the way."""

    event_hash: str
    event_type: str
    event_time: str
    action: str | None
    items: tuple[MetItem, ...]

    def keys_in(self, role: str) -> list[str]:
        return [item.lot_key for item in self.items if item.role == role]

    def roles_of(self, lot_key: str) -> set[str]:
        return {item.role for item in self.items if item.lot_key == lot_key}


class Walk:
    """Hashes of the `history` of a lot, of what came `forward` of it, of `related` events, and the `depths` of lots.

    With `as_of` (Unix seconds) only events count that somebody had recorded by then.
    """

    def __init__(self, connection: Connection, lot_key: str, *, downstream: bool, as_of: int | None = None) -> None:
        self._connection = connection
        self._as_of = as_of
        self._events: dict[str, MetEvent] = {}
        self._parts: dict[str, list[MetEvent]] = defaultdict(list)  # by transformation id
        self._part_of: dict[str, str] = {}
        self.lot_key = lot_key
        self.depths: dict[str, int] = {lot_key: 0}
        self.reached: set[str] = {
            lot_key
        }  # downstream, with what carried them; on a circle also lots that lie upstream
        self.history: set[str] = set()
        self.forward: set[str] = set()
        self.related = self._upstream()
        self.mentioned = bool(self._events)
        if downstream:
            self._downstream()
        self.related |= self._same_ids()
        self.related -= self.history | self.forward

    def _upstream(self) -> set[str]:
        """Fills the history; returns the other events that use the lots met on the way."""
        uses: set[str] = set()
        level, depth = {self.lot_key}, 0
        while level:
            next_level: set[str] = set()
            aboard: Riders = defaultdict(dict)
            for key, event in self._meet(level):
                roles = event.roles_of(key)
                if roles == {"input"}:
                    uses.add(event.event_hash)
                    continue
                self.history.add(event.event_hash)
                if "output" in roles:
                    parts = self._parts_of(event)
                    self.history.update(part.event_hash for part in parts)
                    next_level.update(used for part in parts for used in part.keys_in("input"))
                if event.event_type in AGGREGATING:
                    if "parent" in roles:
                        next_level.update(event.keys_in("child"))
                    if "child" in roles:
                        aboard.update({parent: {**aboard[parent], key: ALWAYS} for parent in event.keys_in("parent")})
            self._ride(aboard, self.history, depth)
            depth += 1
            level = self._new(next_level, depth)
        return uses

    def _downstream(self) -> None:
        """Fills `forward` with what was made of the lot, and of that, and where it all went."""
        level, depth = {self.lot_key}, 0
        while level:
            next_level: set[str] = set()
            aboard: Riders = defaultdict(dict)
            for key, event in self._meet(level):
                roles = event.roles_of(key)
                if "input" in roles:
                    parts = self._parts_of(event)
                    self.forward.update(part.event_hash for part in parts)
                    next_level.update(made for part in parts for made in part.keys_in("output"))
                elif key != self.lot_key:
                    self.forward.add(event.event_hash)
                    if event.event_type in AGGREGATING and "child" in roles:
                        aboard.update({parent: {**aboard[parent], key: ALWAYS} for parent in event.keys_in("parent")})
            self._ride(aboard, self.forward, depth)
            self.reached.update(aboard)
            depth -= 1
            level = next_level - self.reached
            self.reached |= level
            self._new(level, depth)
        self.forward -= self.history

    def _new(self, keys: set[str], depth: int) -> set[str]:
        level = keys - self.depths.keys()
        self.depths.update(dict.fromkeys(sorted(level), depth))
        return level

    def _ride(self, aboard: Riders, into: set[str], depth: int) -> None:
        """Adds what happened to pallets, and to what carried those, while the lots were aboard."""
        ridden: set[tuple[str, str]] = set()
        while aboard:
            outer: Riders = defaultdict(dict)
            naming: dict[str, list[MetEvent]] = defaultdict(list)
            for container, event in self._meet(aboard):
                naming[container].append(event)
            for container, riders in aboard.items():
                self.depths.setdefault(container, depth)
                for child, windows in riders.items():
                    ridden.add((container, child))
                    ride = carried(container, child, naming[container], windows)
                    into |= ride.event_hashes
                    for event in naming[container]:
                        within = event.event_hash in ride.event_hashes and event.event_type in AGGREGATING
                        if within and "child" in event.roles_of(container):
                            for parent in event.keys_in("parent"):
                                if (parent, container) not in ridden:
                                    outer[parent][container] = ride.windows
            aboard = outer

    def _same_ids(self) -> set[str]:
        """Events elsewhere that carry an event id of the lot's own."""
        table = schema.statement
        own = select(table.c.event_id).where(table.c.event_id.is_not(None)).distinct()
        ids = {
            row.event_id for row in in_batches(self._connection, own, table.c.event_hash, self.history | self.forward)
        }
        query = select(table.c.event_hash).where(table.c.event_hash.is_not(None)).distinct()
        query = recorded_by(query, table.c.event_hash, self._as_of)
        return {row.event_hash for row in in_batches(self._connection, query, table.c.event_id, ids)}

    def _meet(self, keys: Iterable[str]) -> list[tuple[str, MetEvent]]:
        """Each of these keys with each event that names it, in the order of the keys, then of the hashes."""
        item = schema.event_item
        wanted = set(keys)
        naming = recorded_by(select(item.c.lot_key, item.c.event_hash).distinct(), item.c.event_hash, self._as_of)
        met = sorted(
            (row.lot_key, row.event_hash) for row in in_batches(self._connection, naming, item.c.lot_key, wanted)
        )
        self._load(event_hash for _, event_hash in met)
        return [(key, self._events[event_hash]) for key, event_hash in met if event_hash in self._events]

    def _load(self, hashes: Iterable[str]) -> None:
        """Loads events and, where one tells a part of a transformation, its other parts (EPCIS 2.0 section 7.4.6)."""
        ids = {name for event_hash in self._fetch(hashes) if (name := self._part_of.get(event_hash))}
        event = schema.event
        for name in sorted(ids - self._parts.keys()):
            told = (event.c.event_type == "TransformationEvent", event.c.body.contains(name, autoescape=True))
            parts = recorded_by(select(event.c.event_hash).where(*told), event.c.event_hash, self._as_of)
            found = [row.event_hash for row in self._connection.execute(parts)]
            self._fetch(found)
            self._parts[name] = [self._events[each] for each in sorted(found) if self._part_of.get(each) == name]

    def _fetch(self, hashes: Iterable[str]) -> set[str]:
        """Reads the events that are not yet known; returns their hashes."""
        event, item = schema.event, schema.event_item
        missing = set(hashes) - self._events.keys()
        columns = (event.c.event_hash, event.c.event_type, event.c.event_time, event.c.action, item.c.role)
        query = select(*columns, item.c.lot_key, item.c.epc).join(item, item.c.event_hash == event.c.event_hash)
        heads: dict[str, tuple[str, str, str, str | None]] = {}
        items: dict[str, list[MetItem]] = defaultdict(list)
        for row in in_batches(self._connection, query.order_by(item.c.ordinal), event.c.event_hash, missing):
            heads[row.event_hash] = (row.event_hash, row.event_type, row.event_time, row.action)
            items[row.event_hash].append(MetItem(row.role, row.lot_key or row.epc))
        for event_hash, head in heads.items():
            self._events[event_hash] = MetEvent(*head, tuple(items[event_hash]))
        in_parts = select(event.c.event_hash, event.c.body).where(event.c.body.contains("transformationID"))
        transforming = {each for each, head in heads.items() if head[1] == "TransformationEvent"}
        for row in in_batches(self._connection, in_parts, event.c.event_hash, transforming):
            name = transformation_id(read_body(row.body))
            if name is not None:
                self._part_of[row.event_hash] = name
        return missing

    def _parts_of(self, event: MetEvent) -> list[MetEvent]:
        """The event itself, or all parts of the transformation that it is one of."""
        name = self._part_of.get(event.event_hash)
        return self._parts[name] if name else [event]
