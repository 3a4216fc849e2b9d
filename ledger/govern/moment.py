"""What time it is for the Council: the clock's, or the chain's where that is ahead of it."""

from __future__ import annotations

import time

from sqlalchemy import Connection, func, select

from ledger.store.schema import administration


def chain_now(connection: Connection) -> int:
    """Unix seconds. Blocks made in a row may bear times ahead of the clock, and contracts go by those."""
    last = connection.execute(select(func.max(administration.c.at))).scalar()
    return max(int(time.time()), last or 0)
