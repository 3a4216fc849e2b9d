"""Puts in place what the blocks prove, where an audit found that rows differ, and makes the derived rows again.

    (1) prove each block from the one that was found on, and compare
    (2) write the proven logs in place of the raw rows that differ
    (3) make all derived rows anew from the raw rows: what came after a missing log may rest on it
    (4) the finding is gone, and the line goes on

A kill in between leaves the finding: it is repaired again, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, delete

from ledger.chain.client import Client
from ledger.chain.prove_blocks import ProvenBlock
from ledger.errors import BrokenEvidence
from ledger.index.addresses import Addresses
from ledger.index.compare_rows import first_difference
from ledger.index.continuity import VERIFIED, load_cursor
from ledger.index.decode import decode
from ledger.index.derive import Stopped, never
from ledger.index.finding import clear_finding, load_finding
from ledger.index.raw_tables import RawTables
from ledger.index.rebuild import Progress, rebuild
from ledger.index.receipts_check import proven_parts
from ledger.store.bulk import insert_columns, insert_rows
from ledger.store.database import read, write
from ledger.store.schema import raw_block


def repair(
    engine: Engine,
    client: Client,
    tables: RawTables,
    scratch: Path,
    *,
    progress: Progress | None = None,
    stop: Callable[[], bool] = never,
) -> list[int]:
    """The blocks whose raw rows were put right; empty when nothing was found. `scratch` as for `rebuild`.

    BrokenEvidence and Unavailable when the node cannot prove its blocks: then mend it, or name another.
    """
    with read(engine) as connection:
        finding, rows_to = load_finding(connection), load_cursor(connection)
        verified = load_cursor(connection, VERIFIED)
    if finding is None or rows_to is None:
        return []
    first = min(finding.block, verified.next_block if verified else finding.block)
    addresses, repaired = Addresses(tables), list[int]()
    for part in proven_parts(client, range(first, rows_to.next_block)):
        if stop():
            raise Stopped
        with write(engine) as connection:
            addresses.load(connection)
            repaired += [block.header.number for block in part if _put_right(connection, tables, addresses, block)]
    rebuild(engine, tables, scratch, progress=progress, stop=stop)
    with write(engine) as connection:
        clear_finding(connection)
    return repaired


def _put_right(connection: Connection, tables: RawTables, addresses: Addresses, proven: ProvenBlock) -> bool:
    """True when the block's rows differed."""
    difference = first_difference(connection, tables, addresses, [proven])
    if difference is None:
        return False
    header = proven.header
    if difference.replaced:
        raise BrokenEvidence(
            difference.sentence,
            hint="The node is of another chain, or the chain was replaced: see `suyuan index status`.",
            block=header.number,
        )
    for event in tables.events:
        connection.execute(delete(event.table).where(event.table.c.block == header.number))
    batches = decode([log for log in proven.logs if addresses.asks_for(log)], addresses)
    for batch in batches:
        insert_columns(connection, batch.event.table, batch.columns)
    digests = (header.hash, header.parent_hash, header.receipts_root)
    row = (
        header.number,
        *(bytes.fromhex(digest[2:]) for digest in digests),
        header.timestamp,
        sum(len(batch.columns[0]) for batch in batches),
        True,
    )
    insert_rows(connection, raw_block, [row], clash="replace")
    return True
