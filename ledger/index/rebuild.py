"""Rebuilds all derived rows from block 0, or rather from the first block that can hold a log of ours.

The new rows are made in a scratch database and put in place of the old ones in one transaction. Until then everybody
reads the old rows and writes as usual; at no time does anybody see a mixture. A kill at any moment leaves the old rows,
or the new ones; the scratch database is swept away by the next rebuild. Local tables are not touched.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import Conflict, Unavailable
from ledger.index.continuity import Cursor, load_cursor, lock_cursor, place_cursor
from ledger.index.indexer import Indexer
from ledger.index.project import never
from ledger.store.atomic import disk_refused
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.migrate import ensure_schema
from ledger.store.schema import DERIVED, cursor, index_error

_ROWS_AT_ONCE = 2_000


def rebuild(
    engine: Engine,
    client: Client,
    deployment: Deployment,
    documents: Documents,
    scratch: Path,
    stop: Callable[[], bool] = never,
) -> Cursor:
    """Rebuilds in the folder `scratch` (made, and removed at the end) and returns the new cursor.

    Errors leave the old rows: BrokenEvidence, Unavailable, Stopped; Conflict when another rebuild of this home runs.
    """
    with _scratch_folder(scratch), _scratch_engine(scratch) as fresh:
        indexer = Indexer(fresh, client, deployment, documents, stop)
        while True:
            indexer.sync()
            with read(fresh) as source, write(engine) as target:
                new, old = load_cursor(source), lock_cursor(target)
                if new is None:
                    raise Unavailable(
                        "The chain holds no block that this ledger could have written to yet.",
                        hint="Try again in a moment.",
                    )
                # An indexer that runs beside us may have got ahead: then catch up first, so that nobody sees the
                # ledger step back. Rows of a longer chain that is no more are no reason to wait.
                if old is None or old.next_block <= new.next_block or old.next_block > client.final_block() + 1:
                    _replace(source, target, new)
                    return new


def _replace(source: Connection, target: Connection, new: Cursor) -> None:
    for table in (cursor, index_error, *reversed(DERIVED)):
        target.execute(delete(table))
    place_cursor(target, new)
    for table in DERIVED:
        rows = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table))
        for part in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in part])


@contextmanager
def _scratch_folder(scratch: Path) -> Iterator[None]:
    """An empty folder for us alone; what a killed rebuild left is removed."""
    try:
        scratch.parent.mkdir(parents=True, exist_ok=True)
        with scratch.with_name(f"{scratch.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            try:
                yield
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    except BlockingIOError:
        raise Conflict(
            "Another process of this home rebuilds the index already.", where=str(scratch), hint="Wait for it."
        ) from None
    except OSError as error:
        raise disk_refused(error, scratch) from error


@contextmanager
def _scratch_engine(scratch: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{scratch / 'fresh.sqlite'}", durable=False)
    try:
        ensure_schema(engine)
        yield engine
    finally:
        engine.dispose()
