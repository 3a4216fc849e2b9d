"""What the indexers of a database have done so far, kept where every process can read it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

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
    changes: dict[str, object] = {
        "windows": index_count.c.windows + 1,
        "blocks": index_count.c.blocks + blocks,
        "logs": index_count.c.logs + logs,
        "moved_at": int(time.time()),
    }
    if logs:
        changes["rate"] = round(logs / max(seconds, 1e-6))
    _change(connection, changes)


def add_error(connection: Connection) -> None:
    _change(connection, {"errors": index_count.c.errors + 1})


def _change(connection: Connection, changes: dict[str, object]) -> None:
    changed = update(index_count).where(index_count.c.name == NAME).values(**changes)
    if connection.execute(changed).rowcount == 0:
        insert_rows(connection, index_count, [(NAME, 0, 0, 0, 0, 0, None)], clash="keep")
        connection.execute(changed)
