"""This home's local rows as files, and back: one file a table, JSON lines, the first of them the names of the columns.

What is derived is left out: the chain and the document store give it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, select, text

from ledger.errors import BadInput
from ledger.store.schema import LOCAL

_AT_ONCE = 2_000


def table_names() -> list[str]:
    """In an order in which rows can be inserted."""
    return [table.name for table in LOCAL]


def write_rows(connection: Connection, name: str, file: IO[bytes]) -> int:
    """All rows of a local table; returns how many."""
    table = next(each for each in LOCAL if each.name == name)
    file.write(_line([column.name for column in table.columns]))
    count = 0
    ordered = select(table).order_by(*table.primary_key.columns)
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(ordered)
    for part in rows.partitions():
        file.writelines(_line([_to_json(value) for value in row]) for row in part)
        count += len(part)
    return count


def insert_rows(connection: Connection, name: str, file: Path) -> int:
    """Into the table as it stands in the database, whose schema may be an older one. BadInput for rows that do not fit."""
    table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    lines = _lines(file)
    columns = next(lines, None)
    if columns is None or set(columns) != set(table.columns.keys()):
        raise BadInput(f"The rows of {name} have other columns than the table.", hint="Use another backup.")
    count = 0
    for part in _parts(lines):
        connection.execute(table.insert(), [dict(zip(columns, map(_from_json, row), strict=True)) for row in part])
        count += len(part)
    _let_numbers_go_on(connection, table)
    return count


def _let_numbers_go_on(connection: Connection, table: Table) -> None:
    """PostgreSQL hands out numbers from a sequence, which knows nothing of rows that brought theirs along."""
    keys: list[Column[Any]] = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, :key)"), {"name": f'"{table.name}"', "key": keys[0].name}
    ).scalar()
    highest = connection.execute(select(keys[0]).order_by(keys[0].desc()).limit(1)).scalar()
    if sequence is not None and highest is not None:
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def _lines(file: Path) -> Iterator[list[Any]]:
    with file.open("rb") as source:
        for line in source:
            yield json.loads(line)


def _parts(rows: Iterator[list[Any]]) -> Iterator[Sequence[list[Any]]]:
    part: list[list[Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _to_json(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
