"""Which addresses are followed, and from which block on: those that a plan names, and those that events announce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.chain.client import RawLog
from ledger.errors import BadInput
from ledger.index.event_columns import Undecodable
from ledger.index.plan import Source
from ledger.index.raw_tables import Followed, RawEvent, RawTables


class Addresses:
    """The addresses of one plan. `load` reads what raw rows announce; `learn` takes it from logs that are about to be
    written. A contract that is announced is followed from the block that announces it: its own first logs stand before
    the announcement, in the same transaction."""

    def __init__(self, tables: RawTables) -> None:
        self._tables = tables
        self._fixed = {
            address.lower(): tables.sources[source.name]
            for source in tables.plan.sources
            for address in source.addresses
        }
        self._factories = [(source, *_announcing(tables, source)) for source in tables.plan.sources if source.announced]
        self._first_topics = {(topic,) for topic in self.topics()}
        self._announced: dict[str, tuple[Followed, int]] = {}

    @property
    def announced(self) -> bool:
        """Addresses are announced, so that a node cannot be asked by address."""
        return bool(self._factories)

    @property
    def fixed(self) -> tuple[str, ...]:
        return tuple(self._fixed)

    def topics(self) -> tuple[str, ...]:
        """The first topics of all events that are followed."""
        return tuple({topic for followed in self._tables.sources.values() for topic in followed.events})

    def wanted(self) -> dict[str, Any]:
        """What is followed as an eth_getLogs filter: by address, or by topic where addresses are announced."""
        return {"topics": [list(self.topics())]} if self.announced else {"address": list(self.fixed)}

    def followed(self, logs: list[RawLog]) -> tuple[Followed | None, list[RawLog]]:
        """What is read at the one address of these logs (None: nothing), and those of them that are to be read."""
        address = logs[0].address.lower()
        found = self._fixed.get(address)
        if found is not None or not self._announced:
            return found, logs
        followed, since = self._announced.get(address, (None, 0))
        return followed, [log for log in logs if int(log.block_number, 16) >= since]

    def known(self) -> frozenset[str]:
        """All that are followed now, in lower case."""
        return frozenset((*self._fixed, *self._announced))

    def asks_for(self, log: RawLog) -> bool:
        """Whether a node that is asked for what is followed must give this log."""
        source, logs = self.followed([log])
        return source is not None and bool(logs) and (not self.announced or log.topics[:1] in self._first_topics)

    def load(self, connection: Connection, up_to: int = 2**62) -> None:
        """From the raw rows of the blocks `up_to` this one. Again after a rollback: what was announced above is gone."""
        self._announced = {}
        for source, event, column in self._factories:
            table = event.table
            rows = select(table.c.block, table.c[column]).where(table.c.block <= up_to).order_by(table.c.block.desc())
            for row in connection.execute(rows):
                self._announced[f"0x{row[1].hex()}"] = self._tables.sources[source.name], row[0]

    def learn(self, logs: Sequence[RawLog]) -> None:
        """Announcements among these logs."""
        for source, event, column in self._factories:
            place = [each.column for each in event.columns.arguments].index(column)
            found = [
                log for log in logs if log.topics[:1] == (event.columns.topic,) and self.followed([log])[0] is not None
            ]
            if not found:
                continue
            try:
                columns, _ = event.columns.decode(found)
            except Undecodable:
                return  # told when the window is decoded
            for log, address in zip(found, columns[place], strict=True):
                self._announced.setdefault(
                    f"0x{address.hex()}", (self._tables.sources[source.name], int(log.block_number, 16))
                )


def _announcing(tables: RawTables, source: Source) -> tuple[RawEvent, str]:
    said: Any = source.announced
    event = tables.event(said.source, said.event)
    column = next((each for each in event.columns.arguments if each.name == said.argument), None)
    if column is None or column.type.kind != "address":
        raise BadInput(f"{said.event} has no address {said.argument!r} that could announce {source.name}.")
    if tables.sources[source.name].anonymous:
        raise BadInput(f"{source.name} has anonymous events: they can only be followed at addresses that are given.")
    return event, column.column
