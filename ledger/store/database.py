"""Opening the database, writing to it and reading from it.

    with write(engine) as connection: ...   one write transaction, committed at the end: the caller owns this commit
    with read(engine) as connection: ...    one unchanging view of the rows; writes nothing

Several processes share the database. On SQLite `write` takes the write lock at once (BEGIN IMMEDIATE) and waits for it.
A transaction that reads first and writes later (`engine.begin()`, BEGIN DEFERRED) would fail without waiting whenever
another process wrote in between. So what writes uses `write`, never `engine.begin()`. On PostgreSQL `read` is
REPEATABLE READ, so that a page never mixes rows of two states; on SQLite every transaction reads a snapshot anyway.

What a database refuses for reasons of its own (full, read-only, locked, gone) is raised as Unavailable, a sentence, on
every path of the engine; faults of ours (a broken constraint, bad SQL) stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from ledger.config import Home
from ledger.errors import BadInput, Unavailable

WAIT_FOR_WRITERS_MS = 30_000

_IMMEDIATE = "suyuan_immediate"

_SQLITE_REASONS = {
    "SQLITE_FULL": ("The disk is full.", "Make room and try again."),
    "SQLITE_READONLY": (
        "The database is read-only for this process.",
        "Give it write access to the file and its folder.",
    ),
    "SQLITE_CANTOPEN": ("The database file cannot be opened.", "Check that its folder exists and may be written."),
    "SQLITE_BUSY": (
        "Another process keeps the database locked.",
        "Try again; see which process of this home is stuck.",
    ),
    "SQLITE_LOCKED": ("Another process keeps the database locked.", "Try again."),
    "SQLITE_IOERR": ("The disk did not read or write the database.", "Check the disk and try again."),
    "SQLITE_CORRUPT": (
        "The database file is damaged.",
        "Restore it; or remove it and run `suyuan index rebuild`: what was queued and not sent yet is then lost.",
    ),
    "SQLITE_NOTADB": ("The database file is no SQLite database.", "Restore it, or name another home with --home."),
}

_POSTGRESQL_REASONS = {
    "53100": ("The database server's disk is full.", "Make room there and try again."),
    "53300": ("The database server has no connection left.", "Try again, or raise max_connections."),
    "25006": ("The database server is read-only.", "Connect to the primary server (SUYUAN_DATABASE_URL)."),
    "28": ("The database server refuses this user.", "Correct SUYUAN_DATABASE_URL."),
    "3D000": ("There is no such database.", "Create it, or correct SUYUAN_DATABASE_URL."),
    "40001": ("Another process changed the same rows.", "Try again."),
    "40P01": ("Another process changed the same rows.", "Try again."),
    "55P03": ("Another process keeps rows locked.", "Try again."),
    "57P": ("The database server is stopping or starting.", "Try again in a moment."),
    "08": ("The database server does not answer.", "Start it, or correct SUYUAN_DATABASE_URL."),
}


def open_database(home: Home) -> Engine:
    """An engine for this home's database: SQLite in the home, or what SUYUAN_DATABASE_URL names."""
    home.path.mkdir(parents=True, exist_ok=True)
    return open_engine(home.database_url)


def open_engine(url: str, *, durable: bool = True) -> Engine:
    """An engine for an SQLAlchemy URL. SQLite runs in WAL mode, waits for other writers, and syncs at each commit.

    `durable=False` leaves syncing to the system: for scratch databases that may be lost. BadInput when the URL cannot
    be read or its driver is not installed.
    """
    try:
        engine = create_engine(url)
    except (ArgumentError, ImportError) as error:
        raise BadInput(
            f"This database cannot be used: {error}",
            where="SUYUAN_DATABASE_URL",
            hint="Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; the latter needs the package psycopg.",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        if not durable:
            event.listen(engine, "connect", _leave_syncing)
    event.listen(engine, "handle_error", _tell_refusal, retval=True)
    return engine


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed when the block ends, rolled back when it raises. Waits for other writers."""
    with engine.connect().execution_options(**{_IMMEDIATE: True}) as connection, connection.begin():
        yield connection


@contextmanager
def write_beside(engine: Engine, file: Path, name: str) -> Iterator[tuple[Connection, Callable[[], None]]]:
    """As `write`, on SQLite. The function that comes with it brings the tables of another file as `name`.table, as they
    are then: until it is called, others may write to that file."""
    with engine.connect().execution_options(**{_IMMEDIATE: True}) as connection:
        driver: Any = connection.connection.driver_connection
        attached = []

        def attach() -> None:
            driver.execute(f"ATTACH DATABASE ? AS {name}", (str(file),))
            attached.append(name)

        try:
            with connection.begin():
                yield connection, attach
        finally:
            if attached:
                driver.execute(f"DETACH DATABASE {name}")


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One unchanging view of the rows, however many statements read it."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection:
        yield connection


# --- SQLite ----------------------------------------------------------------------------------------------------------


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Without this the driver decides when transactions begin, and only for some statements: DDL would escape them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={WAIT_FOR_WRITERS_MS}")  # first: setting the journal mode may have to wait
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _leave_syncing(connection: Any, _record: Any) -> None:
    for pragma in ("synchronous=OFF", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return  # each statement sees the newest rows
    # A connection that was lent out for AUTOCOMMIT comes back with the driver's own habit.
    driver: Any = connection.connection.driver_connection
    driver.isolation_level = None
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_IMMEDIATE, False) else "BEGIN")


# --- refusals --------------------------------------------------------------------------------------------------------


@contextmanager
def refusals_told(connection: Connection) -> Iterator[None]:
    """For what goes to the driver past SQLAlchemy: what the database refuses is raised as Unavailable here too."""
    try:
        yield
    except Exception as error:
        reason = _reason_of(error)
        if reason is None:
            raise
        raise _unavailable(reason, connection.engine) from error


def _tell_refusal(context: ExceptionContext) -> BaseException | None:
    reason = _reason_of(context.original_exception)
    if reason is None:
        return None
    engine = context.engine or (context.connection.engine if context.connection else None)
    return _unavailable(reason, engine)


def _unavailable(reason: tuple[str, str], engine: Engine | None) -> Unavailable:
    where = engine.url.render_as_string(hide_password=True) if engine is not None else None
    return Unavailable(f"{reason[0]} The database changed nothing.", where=where, hint=reason[1])


def _reason_of(error: BaseException) -> tuple[str, str] | None:
    name = getattr(error, "sqlite_errorname", None)
    if isinstance(name, str):
        return next((reason for code, reason in _SQLITE_REASONS.items() if name.startswith(code)), None)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return next((reason for code, reason in _POSTGRESQL_REASONS.items() if state.startswith(code)), None)
    if type(error).__name__ == "OperationalError" and not isinstance(error, DBAPIError):
        return _POSTGRESQL_REASONS["08"]  # psycopg could not connect, or lost the connection: it has no code then
    return None
