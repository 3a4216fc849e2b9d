"""Writes one window: the cursor, the raw rows and the derived rows in one transaction, or none of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, Engine

from ledger.index import counts, journal
from ledger.index.continuity import Cursor, advance, keep_final
from ledger.index.decode import RawBatch
from ledger.index.derive import derive, never
from ledger.index.plan import BlockRow
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.window import Window
from ledger.store.bulk import insert_columns, insert_rows
from ledger.store.schema import raw_block
from ledger.store.wake import write_and_wake


def commit(
    engine: Engine,
    tables: RawTables,
    at: Cursor,
    window: Window,
    batches: Sequence[RawBatch],
    *,
    verified: frozenset[int] = frozenset(),
    final_block: int | None = None,
    stop: Callable[[], bool] = never,
    guard: Callable[[Connection], None] | None = None,
) -> Cursor | None:
    """The new cursor; None when another indexer moved it meanwhile, and then nothing is written.

    `verified`: blocks whose receipts root was recomputed. `final_block`: the last final one, on a chain whose blocks may
    be replaced. BrokenEvidence when a log cannot be true; Stopped when `stop` says so; what `guard` raises. All of them
    write nothing.
    """
    with write_and_wake(engine) as connection:
        if guard is not None:
            guard(connection)
        return store(connection, tables, at, window, batches, verified=verified, final_block=final_block, stop=stop)


def store(
    connection: Connection,
    tables: RawTables,
    at: Cursor,
    window: Window,
    batches: Sequence[RawBatch],
    *,
    verified: frozenset[int] = frozenset(),
    final_block: int | None = None,
    stop: Callable[[], bool] = never,
) -> Cursor | None:
    """As `commit`, in the caller's transaction."""
    began = time.perf_counter()
    new = Cursor(window.last_block + 1, window.headers[window.last_block].hash)
    # First: on PostgreSQL the second of two indexers waits at this row, and then finds that it moved.
    if not advance(connection, at, new):
        return None
    plan = tables.plan
    logs: Counter[int] = Counter()
    for batch in batches:
        logs.update(batch.columns[0])
    _write_blocks(connection, window, logs, verified)
    for batch in batches:
        insert_columns(connection, batch.event.table, batch.columns)
    if plan.handlers:
        blocks = {number: _block_row(window, number) for number in logs}
        rows = Rows(connection, plan.appended)
        images = derive(rows, plan, batches, blocks, stop=stop, images_above=final_block)
        rows.flush()
        if final_block is not None:
            journal.keep(connection, images)
    if final_block is not None:
        keep_final(connection, final_block)
        journal.forget(connection, min(final_block, window.first_block - 1))
    spent = window.seconds + time.perf_counter() - began
    counts.add_window(connection, window.last_block - window.first_block + 1, sum(logs.values()), spent)
    return new


def _write_blocks(connection: Connection, window: Window, logs: Mapping[int, int], verified: frozenset[int]) -> None:
    numbers = window.headers if window.live else logs
    rows = [
        (
            number,
            bytes.fromhex(header.hash[2:]),
            bytes.fromhex(header.parent_hash[2:]),
            bytes.fromhex(header.receipts_root[2:]),
            header.timestamp,
            logs.get(number, 0),
            number in verified,
        )
        for number, header in ((number, window.headers[number]) for number in sorted(numbers))
    ]
    insert_rows(connection, raw_block, rows)


def _block_row(window: Window, number: int) -> BlockRow:
    header = window.headers[number]
    return BlockRow(number, header.hash, header.timestamp)
