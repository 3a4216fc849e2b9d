"""The digest tells whether two databases tell the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from index_world import Chain
from sqlalchemy import Boolean, Column, Engine, Integer, delete, not_, select, update

from ledger.index.digest import digest
from ledger.index.ours import our_indexer
from ledger.store.database import read, write
from ledger.store.documents import Documents
from ledger.store.schema import DERIVED, bank_account


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)


@pytest.fixture
def indexed(engine: Engine, chain: Chain, documents: Documents) -> Engine:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    return engine


class Undone(Exception):
    pass


def changed(engine: Engine, statement: object) -> str:
    """The digest with this change, which is then taken back."""
    found = ""
    try:
        with write(engine) as connection:
            connection.execute(statement)  # type: ignore[call-overload]
            found = digest(connection)
            raise Undone
    except Undone:
        return found


def test_any_changed_or_missing_row_changes_it(indexed: Engine) -> None:
    before = digest_of(indexed)
    for table in DERIVED:
        column = next(column for column in table.columns if not column.primary_key and not column.foreign_keys)
        with read(indexed) as connection:
            first = connection.execute(select(*table.primary_key.columns).limit(1)).one()
        this = [key == value for key, value in zip(table.primary_key.columns, first, strict=True)]
        assert changed(indexed, update(table).where(*this).values({column.name: another(column)})) != before, table.name
        if table.name != "event":  # its items stand on it
            assert changed(indexed, delete(table).where(*this)) != before, table.name
    assert digest_of(indexed) == before


def another(column: Column[Any]) -> object:
    """A value that the column does not hold anywhere."""
    if isinstance(column.type, Boolean):
        return not_(column)
    return 77_777 if isinstance(column.type, Integer) else "other"


def test_local_rows_do_not_count(indexed: Engine) -> None:
    before = digest_of(indexed)
    account = {"identity": "ab" * 32, "member": 1, "holder": "Farm", "number": "6222", "bank_code": "102100099996"}
    assert changed(indexed, bank_account.insert().values(**account, named_at=1, seen_at=1)) == before


def test_it_is_the_same_on_every_database(indexed: Engine, fresh_digest: Callable[[], str]) -> None:
    """`fresh_digest` is SQLite's; text is compared by its bytes on each."""
    assert digest_of(indexed) == fresh_digest()
