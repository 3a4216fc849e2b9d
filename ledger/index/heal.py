"""Opens what was sealed when it was indexed and whose documents have arrived since.

The rows after it are those that a rebuild gives.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from ledger.index.continuity import lock_cursor
from ledger.index.derive_again import beneath_the_journal
from ledger.index.items import fill_items
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.statements import open_statement
from ledger.index.stored_events import StoredEvents
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import item, items_committed, statement

_SEALED = select(statement.c.commitment, statement.c.member).where(statement.c.event_hash.is_(None))
_UNFILLED = select(items_committed.c.root, items_committed.c.manifest).where(
    items_committed.c.fault.is_(None),
    items_committed.c.count > 0,
    ~select(item.c.root).where(item.c.root == items_committed.c.root).exists(),
)


def heal(engine: Engine, documents: Documents, tables: RawTables) -> int:
    """How many statements and lots of item codes it opened.

    BrokenEvidence when a file was damaged; nothing changes then.
    """
    stored = StoredEvents(documents)
    with read(engine) as connection:
        if not any(_waiting(connection, stored)):
            return 0
    with write(engine) as connection:
        lock_cursor(connection)
        waiting, unfilled = _waiting(connection, stored)  # again: a rebuild may have come first
        with beneath_the_journal(connection, tables):
            statements, roots = _waiting(connection, stored)
            rows = Rows(connection)
            for commitment, member in statements:
                open_statement(rows, stored, commitment, member)
            for root in roots:
                fill_items(rows, documents, root)
            rows.flush()
    return len(waiting) + len(unfilled)


def _waiting(connection: Connection, stored: StoredEvents) -> tuple[list[tuple[str, int]], list[str]]:
    """Statements and roots whose documents are here now."""
    sealed = connection.execute(_SEALED.order_by(statement.c.block, statement.c.log_index))
    unfilled = connection.execute(_UNFILLED)
    return (
        [(row.commitment, row.member) for row in sealed if stored.open(row.commitment, row.member) is not None],
        [row.root for row in unfilled if stored.documents.has(row.manifest)],
    )
