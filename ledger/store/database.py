"""Opening the database. The caller owns the single commit: `with engine.begin() as connection:`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event

from ledger.config import Home


def open_database(home: Home) -> Engine:
    """An engine for this home's database. SQLite runs in WAL mode, waits for other writers, and syncs at each commit."""
    home.path.mkdir(parents=True, exist_ok=True)
    engine = create_engine(home.database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
