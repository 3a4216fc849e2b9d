"""The few ways in which handlers write rows. Each is harmless when repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.errors import BrokenEvidence

_ROWS_A_STATEMENT = 5_000


def insert_once(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> None:
    """Inserts rows; one whose primary key stands already is passed over. Any other clash raises."""
    statement = _insert_once(table, connection.dialect.name)
    for first in range(0, len(rows), _ROWS_A_STATEMENT):
        connection.execute(statement, [dict(row) for row in rows[first : first + _ROWS_A_STATEMENT]])


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Inserts a row, or replaces the one with its primary key: for what the last event decides."""
    statement = _insert(table, connection.dialect.name).values(dict(row))
    keys = set(table.primary_key.columns.keys())
    changes = {name: statement.excluded[name] for name in row if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changes))


def move(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    only_if: ColumnElement[bool] | None = None,
) -> None:
    """Changes the row with this key, if it is still as `only_if` says; a row that has moved on stays as it is.

    BrokenEvidence when there is no such row: the chain cannot tell of a change to what it never told of.
    """
    this = and_(*(table.c[name] == value for name, value in key.items()))
    condition = this if only_if is None else and_(this, only_if)
    if connection.execute(update(table).where(condition).values(**values)).rowcount:
        return
    if connection.execute(select(*table.primary_key.columns).where(this).limit(1)).first() is None:
        named = ", ".join(str(value) for value in key.values())
        raise BrokenEvidence(
            f"A log changes {table.name} {named}, which no log before it made.",
            hint="Logs are missing: check the first block and the addresses in deployment.json.",
        )


def json_text(value: Any) -> str:
    """JSON in one form only: the same value always gives the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hex32(value: bytes) -> str:
    """With prefix, as transactions and EVM tools write it."""
    return f"0x{value.hex()}"


def storable(text: str | None) -> str | None:
    """PostgreSQL keeps no NUL in text."""
    return text.replace("\x00", "\\u0000") if text is not None else None


def rows_of(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with every text storable."""
    return [{name: storable(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


@cache
def _insert_once(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    return _insert(table, dialect).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))


def _insert(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
