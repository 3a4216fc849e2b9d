"""What the indexers of a database have done so far, kept where every process can read it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Update, bindparam, select, update

from ledger.index.continuity import NAME
from ledger.store.bulk import insert_rows
from ledger.store.schema import index_count


@dataclass(frozen=True, slots=True)
class Counts:
    """`errors`: times that the line stopped. `rate`: logs a second, of the newest window that held any; `moved_at`: Unix
    seconds of the newest window."""

    windows: int = 0
    blocks: int = 0
    logs: int = 0
    errors: int = 0
    rate: int = 0
    moved_at: int | None = None


def load_counts(connection: Connection) -> Counts:
    row = connection.execute(select(index_count).where(index_count.c.name == NAME)).first()
    if row is None:
        return Counts()
    return Counts(row.windows, row.blocks, row.logs, row.errors, row.rate, row.moved_at)


def add_window(connection: Connection, blocks: int, logs: int, seconds: float) -> None:
    """In the transaction that writes the window."""
    added = {"more_blocks": blocks, "more_logs": logs, "now": int(time.time())}
    if logs:
        _change(connection, _WINDOW_WITH_LOGS, {**added, "new_rate": round(logs / max(seconds, 1e-6))})
    else:
        _change(connection, _WINDOW, added)


def add_error(connection: Connection) -> None:
    _change(connection, _ERROR, {})


# Made once: with each live block they would cost more than the database takes.
_OURS = update(index_count).where(index_count.c.name == NAME)
_WINDOW = _OURS.values(
    windows=index_count.c.windows + 1,
    blocks=index_count.c.blocks + bindparam("more_blocks"),
    logs=index_count.c.logs + bindparam("more_logs"),
    moved_at=bindparam("now"),
)
_WINDOW_WITH_LOGS = _WINDOW.values(rate=bindparam("new_rate"))
_ERROR = _OURS.values(errors=index_count.c.errors + 1)


def _change(connection: Connection, change: Update, values: dict[str, int]) -> None:
    if connection.execute(change, values).rowcount == 0:
        insert_rows(connection, index_count, [(NAME, 0, 0, 0, 0, 0, None)], clash="keep")
        connection.execute(change, values)
