"""Waiting until the rows show a block."""

from __future__ import annotations

import time

from sqlalchemy import Engine, select

from ledger.errors import Unavailable
from ledger.store.schema import cursor

POLL_SECONDS = 0.05


def await_block(engine: Engine, block: int, timeout: float) -> None:
    """Returns once the indexer has passed `block`. Unavailable after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        with engine.connect() as connection:
            next_block = connection.execute(select(cursor.c.next_block)).scalar()
        if next_block is not None and next_block > block:
            return
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The indexer has not reached block {block}; it stands before {next_block or 0}.",
                hint="See `suyuan index status`; it says why the line stands still.",
            )
        time.sleep(POLL_SECONDS)
