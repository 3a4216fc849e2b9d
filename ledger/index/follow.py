"""Waiting until the rows tell what a block holds."""

from __future__ import annotations

import time

from sqlalchemy import Engine

from ledger.errors import Unavailable
from ledger.index.continuity import load_cursor
from ledger.index.last_error import load_error
from ledger.store.database import read

_PAUSE_SECONDS = 0.03


def await_block(engine: Engine, block: int, timeout: float) -> None:
    """Returns once the rows of `block` are there. Unavailable after `timeout` seconds, with what holds the index up."""
    deadline = time.monotonic() + timeout
    while True:
        with read(engine) as connection:
            at, error = load_cursor(connection), load_error(connection)
        if at is not None and at.next_block > block:
            return
        if time.monotonic() > deadline:
            stands = f"stands at block {at.next_block - 1}" if at else "has not begun"
            why = f" It says: {error.sentence}" if error else ""
            raise Unavailable(
                f"The index {stands} and has not reached block {block} in {timeout:g} seconds.{why}",
                hint="See `suyuan index status`; is the indexer running?",
            )
        time.sleep(_PAUSE_SECONDS)
