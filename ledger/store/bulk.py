"""Many rows at once, past SQLAlchemy: binary COPY on PostgreSQL, `executemany` of plain tuples on SQLite.

Rows are tuples in the order of the table's columns. What the database refuses is told as everywhere (ledger.store.database).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, islice, repeat
from typing import Any, Literal

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, LargeBinary, SmallInteger, String, Table

from ledger.store.database import refusals_told
from ledger.store.wide_integer import WideInteger, pack_numeric, small_or_text

Row = tuple[Any, ...]
Packer = Callable[[Sequence[Any]], Iterable[bytes]]
Clash = Literal["raise", "keep", "replace"]
"""What to do about a row whose primary key stands already: raise, keep the one that stands, or replace it."""

_UNIQUE_VIOLATION = "23505"
_COPY_FROM = 32  # fewer rows than this are inserted: a COPY has a cost of its own
_ROWS_A_PART = 2_000
_ROWS_A_STATEMENT = 50


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], *, clash: Clash = "raise") -> None:
    """Inserts the rows in the caller's transaction. IntegrityError of the driver for any clash that is not told of."""
    if not rows:
        return
    with refusals_told(connection):
        if connection.dialect.name == "sqlite":
            wide = _wide_places(table)
            if wide:
                rows = list(zip(*_narrowed(list(zip(*rows, strict=True)), wide), strict=True))
            _insert_sqlite(connection, table, rows, len(rows), clash)
        elif len(rows) == 1:  # a live block's: several at once cost a round trip more
            _driver(connection).execute(_statement(table, "postgresql", clash), rows[0])
        elif len(rows) < _COPY_FROM:
            with _driver(connection).cursor() as cursor:
                cursor.executemany(_statement(table, "postgresql", clash), rows)
        elif clash == "raise":
            _copy(connection, table, _quoted(table.name), list(zip(*rows, strict=True)), len(rows))
        elif clash == "replace" or not _copied(connection, table, rows):
            _merge(connection, table, rows, clash)


def insert_columns(connection: Connection, table: Table, columns: Sequence[Sequence[Any]]) -> None:
    """As `insert_rows`, for what stands in columns already."""
    count = len(columns[0])
    if connection.dialect.name != "sqlite" and count < _COPY_FROM:
        insert_rows(connection, table, list(zip(*columns, strict=True)))
        return
    with refusals_told(connection):
        if connection.dialect.name == "sqlite":
            narrow = _narrowed(columns, _wide_places(table))
            _insert_sqlite(connection, table, zip(*narrow, strict=True), count, "raise")
            return
        _copy(connection, table, _quoted(table.name), columns, count)


def delete_keys(connection: Connection, table: Table, keys: Sequence[Row]) -> None:
    """Deletes the rows with these primary keys."""
    if not keys:
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    condition = " AND ".join(f"{_quoted(column.name)} = {mark}" for column in table.primary_key.columns)
    with refusals_told(connection):
        cursor = _driver(connection).cursor()
        cursor.executemany(f"DELETE FROM {_quoted(table.name)} WHERE {condition}", keys)  # noqa: S608  # names of ours
        cursor.close()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def _statement(table: Table, dialect: str, clash: Clash, rows: int = 1) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    names = ", ".join(_quoted(column.name) for column in table.columns)
    values = ", ".join(repeat(f"({', '.join(mark for _ in table.columns)})", rows))
    return f"INSERT INTO {_quoted(table.name)} ({names}) VALUES {values}{_on_conflict(table, clash)}"  # noqa: S608


def _on_conflict(table: Table, clash: Clash) -> str:
    if clash == "raise":
        return ""
    keys = ", ".join(_quoted(column.name) for column in table.primary_key.columns)
    others = [_quoted(column.name) for column in table.columns if not column.primary_key]
    if clash == "keep" or not others:
        return f" ON CONFLICT ({keys}) DO NOTHING"
    return f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)}"


# --- SQLite ----------------------------------------------------------------------------------------------------------


def _insert_sqlite(connection: Connection, table: Table, rows: Iterable[Row], count: int, clash: Clash) -> None:
    """Several rows a statement: each statement costs as much as some rows, and lets go of Python's lock."""
    driver, left = _driver(connection), iter(rows)
    whole = count - count % _ROWS_A_STATEMENT
    if whole:
        values = chain.from_iterable(islice(left, whole))
        together = zip(*repeat(values, _ROWS_A_STATEMENT * len(table.columns)), strict=True)
        driver.executemany(_statement(table, "sqlite", clash, _ROWS_A_STATEMENT), together)
    driver.executemany(_statement(table, "sqlite", clash), left)


def _narrowed(columns: Sequence[Sequence[Any]], wide: frozenset[int]) -> Iterable[Sequence[Any]]:
    """SQLite's numbers end at 63 bits: wider ones are text there."""
    return [list(map(small_or_text, column)) if n in wide else column for n, column in enumerate(columns)]


@cache
def _wide_places(table: Table) -> frozenset[int]:
    return frozenset(place for place, column in enumerate(table.columns) if isinstance(column.type, WideInteger))


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _copied(connection: Connection, table: Table, rows: Sequence[Row]) -> bool:
    """Straight into the table, as most rows can go that are only told again after a repair; false, and as before, where
    one of them stands already."""
    driver = _driver(connection)
    driver.execute("SAVEPOINT before_copy")
    try:
        _copy(connection, table, _quoted(table.name), list(zip(*rows, strict=True)), len(rows))
    except Exception as error:
        if getattr(error, "sqlstate", None) != _UNIQUE_VIOLATION:
            raise
        driver.execute("ROLLBACK TO SAVEPOINT before_copy")
        return False
    driver.execute("RELEASE SAVEPOINT before_copy")
    return True


def _merge(connection: Connection, table: Table, rows: Sequence[Row], clash: Clash) -> None:
    """By way of a temporary table, for COPY itself knows no ON CONFLICT."""
    beside, target = _quoted(f"new_{table.name}"[:63]), _quoted(table.name)
    driver = _driver(connection)
    driver.execute(f"CREATE TEMP TABLE IF NOT EXISTS {beside} (LIKE {target}) ON COMMIT DELETE ROWS")
    _copy(connection, table, beside, list(zip(*rows, strict=True)), len(rows))
    driver.execute(f"INSERT INTO {target} SELECT * FROM {beside}{_on_conflict(table, clash)}")  # noqa: S608
    driver.execute(f"DELETE FROM {beside}")  # noqa: S608


def _copy(connection: Connection, table: Table, target: str, columns: Sequence[Sequence[Any]], count: int) -> None:
    names = ", ".join(_quoted(column.name) for column in table.columns)
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_HEADER)
        for first in range(0, count, _ROWS_A_PART):
            copy.write(_packed(table, [column[first : first + _ROWS_A_PART] for column in columns]))
        copy.write(_TRAILER)


# The binary format of COPY: PostgreSQL's manual, "COPY", "Binary Format".
_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_NULL = struct.pack(">i", -1)
_LENGTH = struct.Struct(">i").pack
_TRUE, _FALSE = struct.pack(">i?", 1, True), struct.pack(">i?", 1, False)


def _packed(table: Table, columns: Sequence[Sequence[Any]]) -> bytes:
    """Column by column, then put together row by row: no step of it is a step of Python for each value of a number."""
    packed = [pack(column) for pack, column in zip(_packers(table), columns, strict=True)]
    begin = repeat(struct.pack(">h", len(packed)), len(columns[0]))
    return b"".join(chain.from_iterable(zip(begin, *packed, strict=True)))


@cache
def _packers(table: Table) -> tuple[Packer, ...]:
    return tuple(_packer(column) for column in table.columns)


def _packer(column: Column[Any]) -> Packer:
    """Turns a column of values into fields, each with its length before it."""
    kind = column.type
    if isinstance(kind, WideInteger):
        return _each(pack_numeric)
    if isinstance(kind, Boolean):
        return lambda values: [_NULL if v is None else _TRUE if v else _FALSE for v in values]
    if isinstance(kind, Integer):
        code, width = (
            ("q", 8) if isinstance(kind, BigInteger) else ("h", 2) if isinstance(kind, SmallInteger) else ("i", 4)
        )
        pack = struct.Struct(f">i{code}").pack
        if column.nullable:
            return lambda values: [_NULL if v is None else pack(width, v) for v in values]
        return lambda values: map(pack, repeat(width), values)
    if isinstance(kind, LargeBinary):
        return _pack_bytes
    if isinstance(kind, String):
        return _each(lambda v: _LENGTH(len(raw := v.encode())) + raw)
    raise TypeError(f"{column} has a type that COPY is not told of: {kind!r}")


def _each(pack: Callable[[Any], bytes]) -> Packer:
    def column(values: Sequence[Any]) -> Iterable[bytes]:
        if None not in values:
            return map(pack, values)
        return [_NULL if v is None else pack(v) for v in values]

    return column


def _pack_bytes(values: Sequence[Any]) -> Iterable[bytes]:
    if None in values:
        return [_NULL if v is None else _LENGTH(len(v)) + v for v in values]
    sizes = set(map(len, values))
    if len(sizes) == 1:
        length = _LENGTH(*sizes)
        return [length + v for v in values]
    return [_LENGTH(len(v)) + v for v in values]
