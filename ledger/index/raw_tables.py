"""A table for each event of a plan: what its logs said, one row a log, nothing left out.

The tables follow from the ABIs alone, so they have no migrations: `make` makes them and keeps in `raw_table` how. Events of several sources that are alike (signature and what is indexed) share a table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from inspect import signature
from typing import Any, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

from ledger.errors import BadInput
from ledger.index.abi_types import AbiType
from ledger.index.event_columns import EventColumns
from ledger.index.names import snake_case
from ledger.index.plan import Handler, Plan, Source
from ledger.index.stored_values import Turn, teller
from ledger.store.bulk import insert_rows
from ledger.store.schema import raw_table
from ledger.store.wide_integer import WideInteger

FOLLOWED = "(followed)"
"""In `raw_table`: no table, but the addresses that are followed."""

_LONGEST_NAME = 63  # PostgreSQL cuts names there


@dataclass(frozen=True, eq=False)
class RawEvent:
    """An event of a plan: how its logs are read, where they are kept, who handles them (None: nobody)."""

    columns: EventColumns
    table: Table
    handler: Handler | None

    @cached_property
    def argument_names(self) -> tuple[str, ...]:
        """As a handler's event names them."""
        return tuple(snake_case(each.name) for each in self.columns.arguments)

    @cached_property
    def tellers(self) -> tuple[Turn | None, ...]:
        """For each argument, what turns the raw row's value into the one that the handler sees."""
        hints: dict[str, Any] = get_type_hints(self.handler.event) if self.handler is not None else {}
        return tuple(teller(each.type, hints.get(snake_case(each.name))) for each in self.columns.arguments)


@dataclass(frozen=True)
class Followed:
    """What is read at one address: events by their first topic, and those without one by how many topics they have."""

    events: Mapping[str, RawEvent | None]
    anonymous: Mapping[int, RawEvent]
    whole: bool


class RawTables:
    """The events of a plan with their tables, compiled once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        compiled = _compile(tuple(_told(source) for source in plan.sources), tuple(plan.handlers))
        self.metadata = compiled.metadata
        self.sources: Mapping[str, Followed] = compiled.sources
        self.events = tuple(compiled.events.values())

    def event(self, source: str, name: str) -> RawEvent:
        """BadInput when the source has no event of this name that has rows."""
        for found in self.sources[source].events.values():
            if found is not None and found.columns.name == name:
                return found
        raise BadInput(f"The source {source} has no event {name}.")

    def current(self, connection: Connection) -> bool:
        """The tables stand, made from these ABIs, and their rows were read at these addresses."""
        made = {row.name: row.shape for row in connection.execute(select(raw_table))}
        return all(made.get(name) == shape for name, shape in self._shapes().items())

    def make(self, connection: Connection) -> None:
        """Makes the tables, empty; those of the same names that there are go."""
        shapes = self._shapes()
        there = set(inspect(connection).get_table_names())
        tables = [event.table for event in self.events]
        self.metadata.drop_all(connection, tables=[table for table in tables if table.name in there])
        self.metadata.create_all(connection, tables=tables, checkfirst=False)
        insert_rows(connection, raw_table, sorted(shapes.items()), clash="replace")

    def _shapes(self) -> dict[str, str]:
        """How each table is made, and at which addresses its logs are read."""
        sources = {each.name: sorted(address.lower() for address in each.addresses) for each in self.plan.sources}
        followed = json.dumps(sources, sort_keys=True, separators=(",", ":"))
        return {event.table.name: _shape(event) for event in self.events} | {FOLLOWED: followed}


@dataclass(frozen=True)
class _Told:
    """What of a source decides about tables: its ABI's events as JSON, and which of them are passed over."""

    name: str
    events: str
    without_rows: frozenset[str]
    whole: bool

    @property
    def abi(self) -> list[Mapping[str, Any]]:
        return list(json.loads(self.events))


def _told(source: Source) -> _Told:
    events = json.dumps([entry for entry in source.abi if entry.get("type") == "event"])
    return _Told(source.name, events, source.without_rows, source.whole)


class _Compiled:
    """The events of some sources with their tables."""

    def __init__(self, sources: Sequence[_Told], handlers: Sequence[Handler]) -> None:
        self.metadata = MetaData()
        self.events: dict[tuple[Any, ...], RawEvent] = {}
        self._names = _names(sources)
        self._handlers = {handler.event.__name__: handler for handler in handlers}
        self.sources = {source.name: self._followed(source) for source in sources}
        unused = set(self._handlers) - {event.columns.name for event in self.events.values()}
        if unused:
            raise LookupError(f"There are handlers for {sorted(unused)}, which no ABI of the plan has.")

    def _followed(self, source: _Told) -> Followed:
        events: dict[str, RawEvent | None] = {}
        anonymous: dict[int, RawEvent] = {}
        for entry in source.abi:
            if entry["name"] in source.without_rows:
                events[EventColumns(entry).topic] = None
                continue
            event = self._event(entry)
            if not event.columns.anonymous:
                events[event.columns.topic] = event
            elif anonymous.setdefault(event.columns.topic_count, event) is not event:
                raise BadInput(
                    f"{source.name} has two anonymous events with as many topics: their logs cannot be told apart.",
                    hint="Leave one of them out of the ABI.",
                )
        return Followed(events, anonymous, source.whole)

    def _event(self, entry: Mapping[str, Any]) -> RawEvent:
        columns = EventColumns(entry)
        identity = _identity(columns)
        if identity not in self.events:
            handler = self._handlers.get(columns.name)
            if handler is not None:
                expected = [name.rstrip("_") for name in signature(handler.event).parameters]
                actual = [snake_case(each.name).rstrip("_") for each in columns.arguments]
                if expected != actual:
                    raise LookupError(f"{columns.name} has {actual} in the ABI, and its class takes {expected}.")
            table = _table(self._names[identity], columns, self.metadata)
            self.events[identity] = RawEvent(columns, table, handler)
        return self.events[identity]


@lru_cache(maxsize=4)
def _compile(sources: tuple[_Told, ...], handlers: tuple[Handler, ...]) -> _Compiled:
    """Once a process: making some dozens of tables takes longer than most of what is asked of them."""
    return _Compiled(sources, handlers)


def _identity(columns: EventColumns) -> tuple[Any, ...]:
    return columns.signature, tuple(each.indexed for each in columns.arguments), columns.anonymous


def _names(sources: Sequence[_Told]) -> dict[tuple[Any, ...], str]:
    """`log_<event>`; where several events bear a name, each with a mark of its own behind it."""
    identities: dict[str, dict[tuple[Any, ...], None]] = {}
    for source in sources:
        for entry in source.abi:
            if entry["name"] not in source.without_rows:
                name = f"log_{snake_case(entry['name'])}"
                identities.setdefault(name, {})[_identity(EventColumns(entry))] = None
    names = {}
    for name, alike in identities.items():
        for identity in alike:
            mark = hashlib.sha256(repr(identity).encode()).hexdigest()[:8]
            plain = len(alike) == 1 and len(name) <= _LONGEST_NAME
            names[identity] = name if plain else f"{name[: _LONGEST_NAME - 9]}_{mark}"
    return names


def _table(name: str, columns: EventColumns, metadata: MetaData) -> Table:
    return Table(
        name,
        metadata,
        Column("block", BigInteger, primary_key=True, autoincrement=False),
        Column("log_index", Integer, primary_key=True, autoincrement=False),
        Column("tx_hash", LargeBinary, nullable=False),
        Column("address", LargeBinary, nullable=False),
        *(Column(each.column, _sql_type(each.type), nullable=False) for each in columns.arguments),
        Column("data", LargeBinary),
        sqlite_with_rowid=False,
    )


def _sql_type(of: AbiType) -> TypeEngine[Any]:
    size = of.size or 0
    if of.kind in {"uint", "int"}:
        bits = size + (of.kind == "uint")  # a sign takes one
        return Integer() if bits <= 32 else BigInteger() if bits <= 64 else WideInteger()
    if of.kind == "bool":
        return Boolean()
    return LargeBinary() if of.kind in {"address", "fixed_bytes", "bytes"} else Text()


def _shape(event: RawEvent) -> str:
    arguments = [[each.column, each.type.name, each.indexed] for each in event.columns.arguments]
    return json.dumps([event.columns.signature, arguments], separators=(",", ":"))
