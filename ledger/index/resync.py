"""Fetches everything again from the node: raw rows and derived rows, from the first block that can hold a log of ours.

For when the chain was replaced, the contracts or addresses that are followed have changed, or raw rows were lost. It is
done in scratch tables, as a rebuild is: until the end everybody reads the old rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, delete

from ledger.chain.client import Client
from ledger.errors import Unavailable
from ledger.index.continuity import Cursor, load_cursor, lock_cursor
from ledger.index.indexer import Indexer
from ledger.index.raw_tables import RawTables
from ledger.index.scratch import Swap, scratch_beside
from ledger.store.database import read
from ledger.store.schema import cursor, handler, index_error, journal, raw_block, raw_table

_OF_THE_INDEX = (raw_block, raw_table, journal, handler)

MakeIndexer = Callable[[Engine], Indexer]


def resync(engine: Engine, client: Client, make: MakeIndexer, scratch: Path) -> Cursor:
    """Fetches in the folder `scratch` and returns the new cursor. `make` gives the indexer that writes to an engine.

    Errors leave the old rows: BrokenEvidence, Unavailable, Stopped; Conflict when a rebuild of this home runs.
    """
    with scratch_beside(engine, scratch) as beside:
        indexer = make(beside.engine)
        while True:
            indexer.sync()
            with read(beside.engine) as source, beside.swapping() as swap:
                new, old = load_cursor(source), lock_cursor(swap.connection)
                if new is None:
                    raise Unavailable(
                        "The chain holds no block that this ledger could have written to yet.",
                        hint="Try again in a moment.",
                    )
                # An indexer that runs beside us may have got ahead: then catch up first, so that nobody sees the
                # ledger step back. Rows of a longer chain that is no more are no reason to wait.
                if old is None or old.next_block <= new.next_block or old.next_block > client.final_block() + 1:
                    _replace(swap, indexer.tables)
                    return new


def _replace(swap: Swap, tables: RawTables) -> None:
    connection = swap.connection
    derived = [each.table for each in tables.plan.derived]
    raw = [event.table for event in tables.events]
    for table in (index_error, *reversed(derived)):
        connection.execute(delete(table))
    tables.make(connection)
    connection.execute(delete(cursor))
    for table in _OF_THE_INDEX:
        connection.execute(delete(table))
    swap.copy((cursor, *_OF_THE_INDEX, *raw, *derived))
