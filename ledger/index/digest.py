"""A digest over all derived rows: two databases that tell the same have the same, whatever their make.

SHA-256 over one line a table, `# name`, and one line a row: a JSON array (RFC 8259) of the columns in the schema's
order, without spaces, non-ASCII characters as they are, in UTF-8. Tables come in the order of their names, rows in that
of their primary keys, text by its bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, collate, select

from ledger.index.texts import json_text
from ledger.store.schema import DERIVED

_ROWS_AT_ONCE = 2_000


def digest(connection: Connection) -> str:
    """SHA-256 in hex. Read within one view of the rows: `with read(engine) as connection`."""
    hashed = hashlib.sha256()
    for table in sorted(DERIVED, key=lambda each: each.name):
        hashed.update(f"# {table.name}\n".encode())
        keys = [_by_bytes(column, connection.dialect.name) for column in table.primary_key.columns]
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table).order_by(*keys))
        for part in rows.partitions():
            hashed.update("".join(f"{json_text(list(row))}\n" for row in part).encode())
    return hashed.hexdigest()


def _by_bytes(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    # SQLite compares text by its bytes; PostgreSQL by the database's locale unless told otherwise.
    return collate(column, "C") if dialect == "postgresql" and isinstance(column.type, String) else column
