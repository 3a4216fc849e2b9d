"""The walk from a lot to what it was made from, and on request to what was made of it.

It goes level by level (breadth first), with a handful of queries a level whatever its width, and visits no lot twice,
so circles end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from ledger.store import schema
from ledger.trace.containers import AGGREGATING, ALWAYS, Window, carried
from ledger.trace.event_body import transformation_id
from ledger.trace.event_rows import in_batches, load_events, load_members
from ledger.trace.stated import Item, Lot, StatedEvent


class Walk:
    """Which events belong to the history of a lot, and how far each lot met on the way is from it."""

    def __init__(self, connection: Connection, lot_key: str, downstream: bool) -> None:
        self.connection = connection
        self.lot_key = lot_key
        self.members = load_members(connection)
        self.events: dict[str, StatedEvent] = {}
        self.depths: dict[str, int] = {lot_key: 0}
        self.named: dict[str, Item] = {}
        self.history: set[str] = set()
        self.forward: set[str] = set()
        uses = self._upstream()
        self.mentioned = bool(self.events)
        if downstream:
            self._downstream()
        self.related = (uses | self._same_ids()) - self.history - self.forward
        self._load(self.related)

    def chosen(self, hashes: Iterable[str]) -> tuple[StatedEvent, ...]:
        """These events in order of time; the chain's order where times are equal."""
        found = [self.events[event_hash] for event_hash in hashes if event_hash in self.events]
        return tuple(sorted(found, key=_by_time))

    def lots(self) -> tuple[Lot, ...]:
        found = []
        for key, depth in self.depths.items():
            item = self.named.get(key)
            gtin, _, lot = key.partition("/") if item is None and "/" in key else ("", "", "")
            found.append(
                Lot(
                    lot_key=key,
                    gtin=item.gtin if item else gtin or None,
                    lot=item.lot if item else lot or None,
                    sscc=item.sscc if item else None,
                    name=item.name if item else None,
                    depth=depth,
                )
            )
        return tuple(found)

    def _upstream(self) -> set[str]:
        """Fills the history; returns the other events that use the lots met on the way."""
        uses: set[str] = set()
        level = {self.lot_key}
        while level:
            next_level: set[str] = set()
            mentions = self._mentions(level)
            self._with_parts({event_hash for roles in mentions.values() for event_hash in roles})
            aboard: dict[str, dict[str, tuple[Window, ...]]] = defaultdict(dict)
            for key in level:
                for event_hash, roles in mentions[key].items():
                    if roles == {"input"}:
                        uses.add(event_hash)
                        continue
                    self.history.add(event_hash)
                    event = self.events[event_hash]
                    if "output" in roles:
                        parts = [event, *self._parts_of(event)]
                        self.history.update(part.event_hash for part in parts)
                        next_level.update(item.lot_key for part in parts for item in part.items_in("input"))
                    if "parent" in roles and event.event_type in AGGREGATING:
                        next_level.update(item.lot_key for item in event.items_in("child"))
                    if "child" in roles and event.event_type in AGGREGATING:
                        for parent in event.items_in("parent"):
                            aboard[parent.lot_key][key] = ALWAYS
            depth = max(self.depths[key] for key in level)
            self._ride(aboard, self.history, depth)
            level = next_level - self.depths.keys()
            self.depths.update(dict.fromkeys(sorted(level), depth + 1))
        return uses

    def _downstream(self) -> None:
        """Fills `forward` with what was made of the lot, and of that, and where it all went."""
        level, depth = {self.lot_key}, 0
        while level:
            next_level: set[str] = set()
            mentions = self._mentions(level)
            self._with_parts({event_hash for roles in mentions.values() for event_hash in roles})
            aboard: dict[str, dict[str, tuple[Window, ...]]] = defaultdict(dict)
            for key in level:
                for event_hash, roles in mentions[key].items():
                    event = self.events[event_hash]
                    if "input" in roles:
                        parts = [event, *self._parts_of(event)]
                        self.forward.update(part.event_hash for part in parts)
                        next_level.update(item.lot_key for part in parts for item in part.items_in("output"))
                    elif key != self.lot_key:
                        self.forward.add(event_hash)
                        for parent in event.items_in("parent") if event.event_type in AGGREGATING else ():
                            if parent.lot_key != key:
                                aboard[parent.lot_key][key] = ALWAYS
            self._ride(aboard, self.forward, depth)
            depth -= 1
            level = next_level - self.depths.keys()
            self.depths.update(dict.fromkeys(sorted(level), depth))
        self.forward -= self.history

    def _ride(self, aboard: dict[str, dict[str, tuple[Window, ...]]], into: set[str], depth: int) -> None:
        """Adds what happened to pallets, and to what carried those, while the lots were aboard."""
        ridden: set[tuple[str, str]] = set()
        while aboard:
            outer: dict[str, dict[str, tuple[Window, ...]]] = defaultdict(dict)
            mentions = self._mentions(aboard)
            self._load({event_hash for roles in mentions.values() for event_hash in roles})
            for container, riders in aboard.items():
                self.depths.setdefault(container, depth)
                events = [self.events[event_hash] for event_hash in mentions[container]]
                for child, windows in riders.items():
                    ridden.add((container, child))
                    ride = carried(container, child, events, windows)
                    into.update(ride.event_hashes)
                    for event_hash in ride.event_hashes:
                        event = self.events[event_hash]
                        if "child" not in mentions[container][event_hash] or event.event_type not in AGGREGATING:
                            continue
                        for parent in event.items_in("parent"):
                            if (parent.lot_key, container) not in ridden:
                                outer[parent.lot_key][container] = ride.windows
            aboard = outer

    def _same_ids(self) -> set[str]:
        """Events elsewhere that carry an event id of the lot's own."""
        ids = {
            statement.event_id
            for event_hash in self.history | self.forward
            for statement in self.events[event_hash].statements
            if statement.event_id
        }
        table = schema.statement
        query = select(table.c.event_hash).where(table.c.event_hash.is_not(None)).distinct()
        return {row.event_hash for row in in_batches(self.connection, query, table.c.event_id, ids)}

    def _mentions(self, keys: Iterable[str]) -> dict[str, dict[str, set[str]]]:
        """For each key, the events that name it, each with the roles in which it does."""
        table = schema.event_item
        query = select(table.c.lot_key, table.c.event_hash, table.c.role)
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in in_batches(self.connection, query, table.c.lot_key, keys):
            found[row.lot_key][row.event_hash].add(row.role)
        return found

    def _load(self, hashes: Iterable[str]) -> None:
        missing = set(hashes) - self.events.keys()
        for event_hash, event in load_events(self.connection, missing, self.members).items():
            self.events[event_hash] = event
            for item in event.items:
                self.named.setdefault(item.lot_key, item)

    def _with_parts(self, hashes: set[str]) -> None:
        """Loads the events and the other parts of transformations told in parts (EPCIS 2.0 section 7.4.6)."""
        self._load(hashes)
        ids = {transformation_id(self.events[event_hash].body) for event_hash in hashes} - {None}
        table = schema.event
        for name in ids:
            query = select(table.c.event_hash).where(
                table.c.event_type == "TransformationEvent", table.c.body.contains(name, autoescape=True)
            )
            self._load(row.event_hash for row in self.connection.execute(query))

    def _parts_of(self, event: StatedEvent) -> list[StatedEvent]:
        name = transformation_id(event.body)
        if name is None:
            return []
        return [other for other in self.events.values() if other is not event and transformation_id(other.body) == name]


def _by_time(event: StatedEvent) -> tuple[str, int, int, str]:
    first = event.statements[0] if event.statements else None
    return event.event_time, first.block if first else 0, first.log_index if first else 0, event.event_hash
