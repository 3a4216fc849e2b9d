"""Raw rows read again, in the order of the chain, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Connection, Table, func, select

from ledger.index.decode import RawBatch
from ledger.index.plan import BlockRow
from ledger.index.raw_tables import RawEvent
from ledger.store.schema import raw_block
from ledger.store.wide_integer import WideInteger

ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class StoredPart:
    """The raw rows of some blocks, whole blocks only. `logs` counts those of all events."""

    blocks: dict[int, BlockRow]
    logs: int
    batches: list[RawBatch]


def stored_parts(connection: Connection, events: Sequence[RawEvent], first: int, last: int) -> Iterator[StoredPart]:
    """All raw rows of these events in blocks `first` to `last`, both included."""
    waiting: dict[int, BlockRow] = {}
    logs = 0
    blocks = connection.execute(
        select(raw_block.c.number, raw_block.c.hash, raw_block.c.timestamp, raw_block.c.logs)
        .where(raw_block.c.number.between(first, last), raw_block.c.logs > 0)
        .order_by(raw_block.c.number)
        # Of this statement alone: what is read past SQLAlchemy must not be fetched ahead by it.
        .execution_options(yield_per=1_000)
    )
    for row in blocks:
        waiting[row.number] = BlockRow(row.number, f"0x{row.hash.hex()}", row.timestamp)
        logs += row.logs
        if logs >= ROWS_AT_ONCE:
            yield StoredPart(waiting, logs, stored_batches(connection, events, min(waiting), max(waiting)))
            waiting, logs = {}, 0
    if waiting:
        yield StoredPart(waiting, logs, stored_batches(connection, events, min(waiting), max(waiting)))


def stored_logs(connection: Connection, first: int, last: int) -> int:
    """How many raw rows these blocks have."""
    counted = select(func.coalesce(func.sum(raw_block.c.logs), 0)).where(raw_block.c.number.between(first, last))
    return int(connection.execute(counted).scalar_one())


def stored_batches(connection: Connection, events: Sequence[RawEvent], first: int, last: int) -> list[RawBatch]:
    """The raw rows of these blocks, both included, a batch an event that has some."""
    batches = []
    for event in events:
        columns = _columns(connection, event.table, first, last)
        if columns:
            batches.append(RawBatch(event, columns))
    return batches


def _columns(connection: Connection, table: Table, first: int, last: int) -> list[Sequence[Any]]:
    """Past SQLAlchemy, which would touch each value; only what the drivers give otherwise is turned."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'SELECT {names} FROM "{table.name}" WHERE block BETWEEN {mark} AND {mark} ORDER BY block, log_index'  # noqa: S608  # names of ours
    rows = connection.exec_driver_sql(statement, (first, last)).cursor.fetchall()
    if not rows:
        return []
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, column in enumerate(table.columns):
        if isinstance(column.type, Boolean):
            columns[place] = [bool(value) for value in columns[place]]
        elif isinstance(column.type, WideInteger):
            columns[place] = [int(value) for value in columns[place]]
    return columns
