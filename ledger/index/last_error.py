"""Why the line stands still, kept where every process of the home can read it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, select

from ledger.errors import SuyuanError
from ledger.index.continuity import NAME, load_cursor
from ledger.index.counts import add_error
from ledger.index.texts import storable
from ledger.store.bulk import insert_rows
from ledger.store.database import read, write
from ledger.store.schema import index_error


@dataclass(frozen=True, slots=True)
class LastError:
    """The line stands before `next_block` since `at` (Unix seconds), because of what `sentence` says."""

    next_block: int | None
    at: int
    sentence: str


def load_error(connection: Connection) -> LastError | None:
    """None while the line runs."""
    row = connection.execute(select(index_error).where(index_error.c.name == NAME)).first()
    return LastError(row.next_block, row.at, row.sentence) if row else None


def keep_error(engine: Engine, error: SuyuanError) -> bool:
    """Keeps it; false when the same stands there already, which then keeps its time."""
    sentence = storable(str(error))
    with read(engine) as connection:
        kept = load_error(connection)
    if kept is not None and kept.sentence == sentence:
        return False
    with write(engine) as connection:
        add_error(connection)
        at = load_cursor(connection)
        next_block = at.next_block if at else None
        insert_rows(connection, index_error, [(NAME, next_block, int(time.time()), sentence)], clash="replace")
    return True


def clear_error(engine: Engine) -> None:
    """The line runs again."""
    with read(engine) as connection:
        if load_error(connection) is None:
            return
    with write(engine) as connection:
        connection.execute(delete(index_error).where(index_error.c.name == NAME))
