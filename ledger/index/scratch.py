"""A second set of the tables beside the first, in which rows are made anew while everybody reads the old ones.

On SQLite it is a file of its own, on PostgreSQL a schema of its own. `swapping` then gives one write transaction on the
real tables that can also name the new ones. A kill at any moment leaves the old rows, or the new ones.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, event, text

from ledger.errors import Conflict
from ledger.store.atomic import disk_refused
from ledger.store.database import open_engine, write, write_beside
from ledger.store.migrate import ensure_schema

SCHEMA = "suyuan_scratch"
_LOCK = 7_710_002  # any number that no other program takes: PostgreSQL's advisory lock of a rebuild


@dataclass(frozen=True)
class Scratch:
    """`engine` opens the new tables, which are empty at first, under the names of the real ones."""

    engine: Engine
    _target: Engine
    _file: Path | None

    @contextmanager
    def swapping(self) -> Iterator[Swap]:
        """One write transaction on the real tables."""
        if self._file is None:
            with write(self._target) as connection:
                yield Swap(connection, _nothing)
        else:
            with write_beside(self._target, self._file, SCHEMA) as (connection, attach):
                yield Swap(connection, attach)


@dataclass(frozen=True)
class Swap:
    """A write transaction on the real tables."""

    connection: Connection
    _attach: Callable[[], None]

    def copy(self, tables: Iterable[Table]) -> None:
        """All rows of the new tables into the real ones. Once: afterwards nobody writes to the new ones."""
        self._attach()
        for table in tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            self.connection.execute(
                text(f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {SCHEMA}."{table.name}"')  # noqa: S608  # names of ours
            )


def _nothing() -> None:
    """On PostgreSQL both sets of tables are at hand."""


@contextmanager
def scratch_beside(engine: Engine, folder: Path, lean: Iterable[Table] = ()) -> Iterator[Scratch]:
    """An empty set of tables for us alone. Conflict when another rebuild of this home runs.

    `folder` is made and removed at the end; what a killed rebuild left is removed. Tables of `lean` have no index but
    that of their key there.
    """
    with _folder(folder):
        made = _on_sqlite(engine, folder) if engine.dialect.name == "sqlite" else _on_postgresql(engine)
        with made as scratch:
            ensure_schema(scratch.engine)
            with write(scratch.engine) as connection:
                for table in lean:
                    for index in table.indexes:
                        index.drop(connection, checkfirst=True)
            yield scratch


@contextmanager
def _on_sqlite(target: Engine, folder: Path) -> Iterator[Scratch]:
    file = folder / "fresh.sqlite"
    fresh = open_engine(f"sqlite:///{file}", durable=False)
    try:
        yield Scratch(fresh, target, file)
    finally:
        fresh.dispose()


@contextmanager
def _on_postgresql(target: Engine) -> Iterator[Scratch]:
    fresh = open_engine(target.url.render_as_string(hide_password=False), durable=False)
    event.listen(fresh, "connect", _look_in_scratch)
    with target.connect() as guard:
        if not guard.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            raise _taken(target.url.render_as_string(hide_password=True))
        try:
            with write(target) as connection:
                connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            yield Scratch(fresh, target, None)
        finally:
            fresh.dispose()
            with write(target) as connection:
                connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def _look_in_scratch(connection: Any, _record: Any) -> None:
    connection.execute(f"SET search_path TO {SCHEMA}")
    connection.commit()


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                yield
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        raise _taken(str(folder)) from None
    except OSError as error:
        raise disk_refused(error, folder) from error


def _taken(where: str) -> Conflict:
    return Conflict("Another process of this home rebuilds the index already.", where=where, hint="Wait for it.")
