"""What the audit found: rows that are not what their block proves. A finding stops the line until it is repaired."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, delete, select

from ledger.errors import BrokenEvidence
from ledger.store.bulk import insert_rows
from ledger.store.database import write
from ledger.store.schema import index_error

_NAME: Final = "audit"


@dataclass(frozen=True, slots=True)
class Finding:
    """Since `at` (Unix seconds) it is known that the rows of `block` are not what the block proves."""

    block: int
    at: int
    sentence: str


def load_finding(connection: Connection) -> Finding | None:
    """None while nothing was found."""
    row = connection.execute(select(index_error).where(index_error.c.name == _NAME)).first()
    return Finding(row.next_block, row.at, row.sentence) if row else None


def require_no_finding(connection: Connection) -> None:
    """BrokenEvidence with what was found."""
    finding = load_finding(connection)
    if finding is not None:
        raise BrokenEvidence(
            finding.sentence,
            hint="The node had left it out or the rows were changed. Put what the block proves in its place: "
            "`suyuan index repair`.",
            block=finding.block,
        )


def keep_finding(engine: Engine, block: int, sentence: str) -> None:
    """The first one stays."""
    with write(engine) as connection:
        insert_rows(connection, index_error, [(_NAME, block, int(time.time()), sentence)], clash="keep")


def clear_finding(connection: Connection) -> None:
    connection.execute(delete(index_error).where(index_error.c.name == _NAME))
