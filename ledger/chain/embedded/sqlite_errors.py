"""What SQLite says, as a sentence for a person."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ledger.errors import BadInput, BrokenEvidence, SuyuanError, Unavailable


def explain(error: sqlite3.Error, path: Path) -> SuyuanError:
    """The error of our tree that says what SQLite met at `path` and what to do."""
    name = getattr(error, "sqlite_errorname", "") or ""
    where = str(path)
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
        return Unavailable(
            "The chain cannot write to its disk: it is full or failing. Nothing confirmed is lost.",
            where=where,
            hint="Free some space; a chain that runs goes on by itself.",
            reason=str(error),
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return Unavailable(
            "The chain's file cannot be opened for writing.",
            where=where,
            hint="Check the folder and its permissions.",
            reason=str(error),
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Unavailable(
            "Another program holds the chain's file.",
            where=where,
            hint="Close what has it open, then try again.",
            reason=str(error),
        )
    if name == "SQLITE_NOTADB":
        return BadInput(
            "This file is no chain: it is not a SQLite database.", where=where, hint="Name another file with --file."
        )
    if name.startswith("SQLITE_CORRUPT"):
        return BrokenEvidence(
            "The chain's file is damaged.", where=where, hint="Restore it from a copy.", reason=str(error)
        )
    return Unavailable(f"SQLite refused: {error}.", where=where)
