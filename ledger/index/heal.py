"""Opens what was sealed when it was indexed and whose documents have arrived since.

The rows after it are those that a rebuild gives.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from ledger.index.batches import name_orders
from ledger.index.continuity import lock_cursor
from ledger.index.derive_again import beneath_the_journal
from ledger.index.items import fill_items
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.statements import open_statement
from ledger.index.stored_events import StoredEvents
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import batch, item, items_committed, statement

_SEALED = select(statement.c.commitment, statement.c.member).where(statement.c.event_hash.is_(None))
_UNFILLED = select(items_committed.c.root, items_committed.c.manifest).where(
    items_committed.c.fault.is_(None),
    items_committed.c.count > 0,
    ~select(item.c.root).where(item.c.root == items_committed.c.root).exists(),
)
_UNNAMED = select(batch.c.batch_id, batch.c.manifest).where(batch.c.named.is_(False), batch.c.fault.is_(None))


@dataclass(frozen=True)
class _Waiting:
    """What is sealed and whose documents are here now: statements with their members, roots of item codes, batches."""

    statements: list[tuple[str, int]]
    roots: list[str]
    batches: list[str]

    def __len__(self) -> int:
        return len(self.statements) + len(self.roots) + len(self.batches)


def heal(engine: Engine, documents: Documents, tables: RawTables) -> int:
    """How many statements, lots of item codes and batches of orders it opened.

    BrokenEvidence when a file was damaged; nothing changes then.
    """
    stored = StoredEvents(documents)
    with read(engine) as connection:
        if not _waiting(connection, stored):
            return 0
    with write(engine) as connection:
        lock_cursor(connection)
        waiting = _waiting(connection, stored)  # again: a rebuild may have come first
        with beneath_the_journal(connection, tables):
            beneath = _waiting(connection, stored)
            rows = Rows(connection)
            for commitment, member in beneath.statements:
                open_statement(rows, stored, commitment, member)
            for root in beneath.roots:
                fill_items(rows, documents, root)
            rows.flush()
            for batch_id in beneath.batches:
                rows = Rows(connection)  # of its own: the orders of all together would not fit in memory
                name_orders(rows, documents, batch_id)
                rows.flush()
    return len(waiting)


def _waiting(connection: Connection, stored: StoredEvents) -> _Waiting:
    sealed = connection.execute(_SEALED.order_by(statement.c.block, statement.c.log_index))
    unfilled = connection.execute(_UNFILLED)
    unnamed = connection.execute(_UNNAMED.order_by(batch.c.batch_id))
    return _Waiting(
        [(row.commitment, row.member) for row in sealed if stored.open(row.commitment, row.member) is not None],
        [row.root for row in unfilled if stored.documents.has(row.manifest)],
        [row.batch_id for row in unnamed if stored.documents.has(row.manifest)],
    )
