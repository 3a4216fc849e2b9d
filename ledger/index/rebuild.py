"""Makes derived rows anew from the raw rows and the document store; the node is not asked.

The new rows are made in scratch tables and put in place of the old ones in one transaction. Until then everybody reads
the old rows and writes as usual; at no time does anybody see a mixture. Local tables are not touched.

What a changed handler made is made again, and what other handlers made in the same tables; a table whose rows can be
told apart by their logs (the feed, the entries) is only changed where the logs are those of such an event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, select, tuple_

from ledger.errors import NotFound
from ledger.index import journal
from ledger.index.collector import without_collector
from ledger.index.continuity import Cursor, load_cursor, lock_cursor
from ledger.index.derive import derive, never
from ledger.index.handler_code import handler_codes, keep_codes, tables_of
from ledger.index.raw_tables import RawEvent, RawTables
from ledger.index.rows import BeforeImages, Rows
from ledger.index.scratch import Scratch, Swap, scratch_beside
from ledger.index.stored_rows import stored_logs, stored_parts
from ledger.store.database import read, write
from ledger.store.schema import handler, raw_block
from ledger.store.schema import journal as table_of_journal

Progress = Callable[[int, int], None]
"""(raw rows done, raw rows in all)"""

_FEW_LOGS = 2_000


@dataclass(frozen=True)
class Part:
    """What is made again: the logs of `events` by their handlers, into `tables` (whole) and `by_log` (their rows only)."""

    events: tuple[RawEvent, ...]
    tables: tuple[Table, ...]
    by_log: tuple[Table, ...]
    blocks: bool


def rebuild(
    engine: Engine,
    tables: RawTables,
    scratch: Path,
    *,
    part: Part | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] = never,
) -> Cursor:
    """Makes all derived rows again, or `part` of them, in the folder `scratch`; returns the cursor that they stand at.

    Errors leave the old rows: BrokenEvidence, Unavailable, Stopped; Conflict when another rebuild of this home runs.
    """
    part = part or everything(tables)
    with without_collector(), scratch_beside(engine, scratch, lean=(*part.tables, *part.by_log)) as beside:
        work = _Rebuild(engine, beside, tables, part, progress, stop)
        while not work.catch_up():
            pass
        return work.swap()


def everything(tables: RawTables) -> Part:
    """All derived rows of the plan."""
    events = tuple(event for event in tables.events if event.handler is not None)
    return Part(events, tuple(each.table for each in tables.plan.derived), (), blocks=True)


def changed_part(connection: Connection, tables: RawTables) -> Part | None:
    """What was made by handlers that have changed since, or by none; None when there is nothing."""
    known = {row.event: row.code for row in connection.execute(select(handler))}
    codes = handler_codes(tables.plan)
    return depending_on({name for name, code in codes.items() if known.get(name) != code}, tables)


def depending_on(changed: set[str], tables: RawTables) -> Part | None:
    """What must be made again when the handlers of these events have changed."""
    derived = {each.table: each for each in tables.plan.derived}
    touched = {
        each.event.__name__: {table for table in tables_of(each.function) if table in derived}
        for each in tables.plan.handlers
    }
    whole: set[Table] = set()
    again = set(changed) & set(touched)
    while True:  # handlers that share a table go together; a table by log holds nobody together
        whole |= {table for name in again for table in touched[name] if not derived[table].by_log}
        more = {name for name, used in touched.items() if used & whole}
        if more <= again:
            break
        again |= more
    if not again:
        return None
    by_log = {table for name in again for table in touched[name] if derived[table].by_log}
    events = tuple(each for each in tables.events if each.handler is not None and each.columns.name in again)
    ordered = [table for table in derived if table in whole]
    return Part(events, tuple(ordered), tuple(table for table in derived if table in by_log), blocks=False)


class _Rebuild:
    def __init__(
        self,
        engine: Engine,
        scratch: Scratch,
        tables: RawTables,
        part: Part,
        progress: Progress | None,
        stop: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._scratch = scratch
        self._tables = tables
        self._part = part
        self._plan = tables.plan if part.blocks else replace(tables.plan, on_block=None)
        self._progress = progress
        self._stop = stop
        self._next = tables.plan.first_block  # the first block not taken yet
        self._last: tuple[int, bytes] | None = None  # the last block with logs that was taken
        self._done = 0

    def catch_up(self) -> bool:
        """Takes what stands now and will stay; true when little is left, which `swap` takes under the lock."""
        with read(self._engine) as source, write(self._scratch.engine) as target:
            end = self._end(source)
            total = self._done + stored_logs(source, self._next, end)
            self._take(source, target, end, total)
            return total - self._done < _FEW_LOGS

    def swap(self) -> Cursor:
        """Puts the new rows in place of the old ones, with what was written meanwhile."""
        with self._scratch.swapping() as swap:
            connection = swap.connection
            at = lock_cursor(connection)
            if at is None:
                raise NotFound("There are no rows yet to rebuild.", hint="Start the indexer: `suyuan up`.")
            lowest = self._end(connection)
            with write(self._scratch.engine) as target:
                self._require_same(connection)
                total = self._done + stored_logs(connection, self._next, at.next_block - 1)
                self._take(connection, target, lowest, total)
                images = self._take(connection, target, at.next_block - 1, total, images_above=lowest)
            self._replace(swap)
            self._keep_images(connection, images)
            keep_codes(connection, self._plan)
            return at

    def _end(self, connection: Connection) -> int:
        """The last block that nothing can replace any more: the one before the journal's first."""
        at = load_cursor(connection)
        lowest = connection.execute(select(func.min(table_of_journal.c.block))).scalar_one_or_none()
        return min(at.next_block if at else 0, lowest if lowest is not None else 2**62) - 1

    def _take(
        self, source: Connection, target: Connection, last: int, total: int, images_above: int | None = None
    ) -> dict[int, BeforeImages]:
        images: dict[int, BeforeImages] = {}
        for part in stored_parts(source, self._part.events, self._next, last):
            rows = Rows(target, self._plan.appended)
            images |= derive(rows, self._plan, part.batches, part.blocks, stop=self._stop, images_above=images_above)
            rows.flush()
            self._done += part.logs
            self._last = max(part.blocks), bytes.fromhex(part.blocks[max(part.blocks)].hash[2:])
            if self._progress is not None:
                self._progress(self._done, total)
        self._next = max(self._next, last + 1)
        return images

    def _require_same(self, connection: Connection) -> None:
        if self._last is None:
            return
        number, hash_ = self._last
        now = connection.execute(select(raw_block.c.hash).where(raw_block.c.number == number)).scalar_one_or_none()
        if now != hash_:
            raise NotFound(f"Block {number} was replaced while the rows were rebuilt.", hint="Rebuild once more.")

    def _replace(self, swap: Swap) -> None:
        connection = swap.connection
        for table in reversed(self._part.tables):
            connection.execute(delete(table))
        for table in self._part.by_log:
            for event in self._part.events:
                logs = select(event.table.c.block, event.table.c.log_index)
                connection.execute(delete(table).where(tuple_(table.c.block, table.c.log_index).in_(logs)))
        swap.copy((*self._part.tables, *self._part.by_log))

    def _keep_images(self, connection: Connection, images: dict[int, BeforeImages]) -> None:
        names = {table.name for table in self._part.tables}
        journal.replace_tables(connection, names, images)
