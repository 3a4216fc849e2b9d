"""Rows go in as they are, in any number, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from databases import cluster, database_url, engine
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.types import Float

from ledger.errors import Unavailable
from ledger.store.bulk import delete_keys, insert_rows
from ledger.store.database import read, write
from ledger.store.wide_integer import WideInteger

__all__ = ["cluster", "database_url", "engine"]

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(8), primary_key=True),
    Column("small", SmallInteger, nullable=False),
    Column("count", Integer),
    Column("yes", Boolean),
    Column("text", Text),
    Column("raw", LargeBinary),
    Column("wide", WideInteger),
)
WIDE = (0, 1, -1, 9_999, 10_000, 2**63 - 1, 2**63, 2**256 - 1, -(2**255), 10**40)


@pytest.fixture
def tables(engine: Engine) -> Engine:
    with write(engine) as connection:
        metadata.create_all(connection)
    return engine


def some_rows(count: int) -> list[tuple[Any, ...]]:
    return [
        (n * 2**40, "溯源"[: n % 2 + 1], -n, n - 5, n % 3 == 0, f"text {n}\n\t\\", bytes([n % 256]) * n, WIDE[n % 10])
        for n in range(count)
    ]


def stored(engine: Engine) -> list[tuple[Any, ...]]:
    with read(engine) as connection:
        return [tuple(row) for row in connection.execute(select(thing).order_by(thing.c.number))]


def test_type_that_copy_does_not_know_is_refused() -> None:
    from ledger.store.bulk import _packers

    with pytest.raises(TypeError, match="price"):
        _packers(Table("dear", MetaData(), Column("price", Float)))


def test_what_the_database_refuses_is_told_in_a_sentence(tables: Engine) -> None:
    if tables.dialect.name == "sqlite":
        with tables.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            with pytest.raises(Unavailable, match="read-only"):
                insert_rows(connection, thing, some_rows(3))
    else:
        with tables.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            with pytest.raises(Unavailable, match="read-only"):
                insert_rows(connection, thing, some_rows(300))


@pytest.mark.parametrize("count", [3, 300, 5_000])
def test_rows_come_back_as_they_went_in(tables: Engine, count: int) -> None:
    rows = some_rows(count)
    with write(tables) as connection:
        insert_rows(connection, thing, rows)
    assert stored(tables) == rows


@pytest.mark.parametrize("count", [3, 300])
def test_nulls_stay_nulls(tables: Engine, count: int) -> None:
    rows = [(n, "a", 0, None, None, None, None, None) for n in range(count)]
    with write(tables) as connection:
        insert_rows(connection, thing, rows)
    assert stored(tables) == rows


@pytest.mark.parametrize("count", [4, 400])
def test_row_that_stands_is_kept_or_replaced(tables: Engine, count: int) -> None:
    def rows(text: str, first: int, last: int) -> list[tuple[Any, ...]]:
        return [(n, "a", 0, n, True, text, b"", 0) for n in range(first, last)]

    with write(tables) as connection:
        insert_rows(connection, thing, rows("first", 0, count))
        insert_rows(connection, thing, rows("second", count // 2, 2 * count), clash="keep")
    assert stored(tables) == rows("first", 0, count) + rows("second", count, 2 * count)
    with write(tables) as connection:
        insert_rows(connection, thing, rows("third", 0, count), clash="replace")
        insert_rows(connection, thing, rows("fourth", 0, 2), clash="replace")
    assert stored(tables)[:3] == rows("fourth", 0, 2) + rows("third", 2, 3)


def test_rows_are_deleted_by_their_keys(tables: Engine) -> None:
    rows = some_rows(10)
    with write(tables) as connection:
        insert_rows(connection, thing, rows)
        delete_keys(connection, thing, [row[:2] for row in rows[2:]])
    assert stored(tables) == rows[:2]
