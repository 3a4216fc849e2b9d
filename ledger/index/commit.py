"""Commits one window: the cursor and the rows in one transaction, or neither."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from ledger.index.continuity import Cursor, advance
from ledger.index.decode import Decoder
from ledger.index.fetch import Window
from ledger.index.project import never, project
from ledger.index.stored_events import StoredEvents
from ledger.store.wake import write_and_wake


def commit(
    engine: Engine,
    at: Cursor,
    window: Window,
    decoder: Decoder,
    stored: StoredEvents,
    stop: Callable[[], bool] = never,
) -> Cursor | None:
    """The new cursor; None when another indexer moved it meanwhile, and then nothing is written.

    BrokenEvidence when a log does not decode or cannot be true; Stopped when `stop` says so. Both write nothing.
    """
    new = Cursor(window.last_block + 1, window.headers[window.last_block].hash)
    logs = [log for log in map(decoder.decode, window.logs) if log is not None]
    with write_and_wake(engine) as connection:
        # First: on PostgreSQL the second of two indexers waits at this row, and then finds that it moved.
        if not advance(connection, at, new):
            return None
        project(connection, logs, window.headers, stored, stop)
    return new
