"""Derived rows of the newest blocks, taken back by the journal and made again from the raw rows, in one transaction.

For a change that does not come from the chain (a document that arrived) on a chain whose blocks may still be replaced:
the journal's images must hold it too, or rolling back would undo it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select

from ledger.index import journal
from ledger.index.continuity import load_cursor
from ledger.index.derive import derive
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.stored_rows import stored_parts
from ledger.store.schema import journal as table_of_journal


@contextmanager
def beneath_the_journal(connection: Connection, tables: RawTables) -> Iterator[None]:
    """Inside, the derived rows stand as before the journal's first block. Where there is no journal, as they are."""
    first = connection.execute(select(func.min(table_of_journal.c.block))).scalar_one_or_none()
    if first is None:
        yield
        return
    journal.undo_derived(connection, tables, first - 1)
    yield
    at = load_cursor(connection)
    events = [event for event in tables.events if event.handler is not None]
    for part in list(stored_parts(connection, events, first, at.next_block - 1 if at else first - 1)):
        rows = Rows(connection, tables.plan.appended)
        images = derive(rows, tables.plan, part.batches, part.blocks, images_above=first - 1)
        rows.flush()
        journal.keep(connection, images)
