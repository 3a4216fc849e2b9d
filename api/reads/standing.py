"""How a home's rows stand, for whoever watches over it: the index, the outbox, the webhooks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, func, select

from ledger.chain.outbox import CLOSED
from ledger.index.counts import Counts, load_counts
from ledger.store.database import read
from ledger.store.schema import cursor, index_error, outbox, reorganisation, webhook, webhook_message

LEDGER, VERIFIED = "ledger", "verified"


@dataclass(frozen=True, slots=True)
class Standing:
    """`now` and `stopped_since` are Unix seconds. Blocks are the last whose rows stand, and were verified; None before
    the first. `stopped`: the sentence that says what holds the index up."""

    now: int
    indexed_block: int | None
    verified_block: int | None
    stopped: str | None
    stopped_since: int | None
    reorganisations: int
    counts: Counts
    outbox: dict[str, int]
    outbox_oldest_seconds: int
    webhooks: dict[str, int]
    messages: dict[str, int]
    messages_oldest_seconds: int


def standing_of(engine: Engine, now: int) -> Standing:
    """Reads it in one view. Unavailable when the database does not answer."""
    with read(engine) as connection:
        cursors = {row.name: row.next_block for row in connection.execute(select(cursor.c.name, cursor.c.next_block))}
        error = connection.execute(select(index_error.c.at, index_error.c.sentence).limit(1)).first()
        turns = connection.execute(select(func.count()).select_from(reorganisation)).scalar_one()
        queued = connection.execute(
            select(func.min(outbox.c.queued_at)).where(outbox.c.state.not_in(CLOSED))
        ).scalar_one()
        waiting = connection.execute(
            select(func.min(webhook_message.c.created_at)).where(webhook_message.c.state == "pending")
        ).scalar_one()
        return Standing(
            now=now,
            indexed_block=_before(cursors.get(LEDGER)),
            verified_block=_before(cursors.get(VERIFIED)),
            stopped=error.sentence if error else None,
            stopped_since=error.at if error else None,
            reorganisations=turns,
            counts=load_counts(connection),
            outbox=_counted(connection, outbox),
            outbox_oldest_seconds=max(0, now - queued) if queued is not None else 0,
            webhooks=_counted(connection, webhook),
            messages=_counted(connection, webhook_message),
            messages_oldest_seconds=max(0, now - waiting) if waiting is not None else 0,
        )


def _before(next_block: int | None) -> int | None:
    return None if next_block is None else next_block - 1


def _counted(connection: Connection, table: Table) -> dict[str, int]:
    """Rows by state."""
    state = table.c.state
    return {row[0]: row[1] for row in connection.execute(select(state, func.count()).group_by(state))}
