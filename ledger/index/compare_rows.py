"""Compares the raw rows of some blocks with what those blocks prove, and says the first log that differs.

(1) the block's row has the hash of the block
(2) what is decoded from the proven logs is what stands in the tables, row by row
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from ledger.chain.client import RawLog
from ledger.chain.prove_blocks import ProvenBlock
from ledger.index.addresses import Addresses
from ledger.index.decode import RawBatch, decode
from ledger.index.raw_tables import RawTables
from ledger.index.stored_rows import stored_batches
from ledger.store.schema import raw_block

Row = tuple[Any, ...]
Place = tuple[int, int]
"""(block, log index)"""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first block whose rows are not what it proves. `replaced`: the block itself is another one by now."""

    block: int
    sentence: str
    replaced: bool = False


def first_difference(
    connection: Connection, tables: RawTables, addresses: Addresses, proven: Sequence[ProvenBlock]
) -> Difference | None:
    """`proven`: blocks one after the other. None when the rows are what they prove. BrokenEvidence for a proven log that
    cannot be decoded: no row can tell it."""
    first, last = proven[0].header.number, proven[-1].header.number
    replaced = _replaced(connection, {block.header.number: block.header.hash for block in proven})
    logs = [log for block in proven for log in block.logs if addresses.asks_for(log)]
    addresses.learn(logs)
    expected = _by_place(decode(logs, addresses))
    found = _by_place(stored_batches(connection, tables.events, first, last))
    differing = [place for place in {*expected, *found} if expected.get(place) != found.get(place)]
    if differing and (replaced is None or min(differing)[0] < replaced.block):
        block, index = min(differing)
        transactions = {_place(log): log.transaction_hash for log in logs}
        where = f"Log {index} of block {block} (transaction {transactions.get((block, index), 'unknown')})"
        if (block, index) not in found:
            return Difference(block, f"{where} stands in the block's receipts and has no row.")
        if (block, index) not in expected:
            return Difference(block, f"{where} has a row, and the block's receipts hold no such log of ours.")
        return Difference(block, f"{where} is another in the block's receipts than in its row.")
    return replaced


def _replaced(connection: Connection, hashes: Mapping[int, str]) -> Difference | None:
    rows = connection.execute(
        select(raw_block.c.number, raw_block.c.hash)
        .where(raw_block.c.number.between(min(hashes), max(hashes)))
        .order_by(raw_block.c.number)
    )
    for row in rows:
        if f"0x{row.hash.hex()}" != hashes[row.number]:
            what = f"Block {row.number} is {hashes[row.number]} on the chain, and 0x{row.hash.hex()} in its row."
            return Difference(row.number, what, replaced=True)
    return None


def _by_place(batches: Iterable[RawBatch]) -> dict[Place, Row]:
    rows: dict[Place, Row] = {}
    for batch in batches:
        name = batch.event.table.name
        for row in zip(*batch.columns, strict=True):
            rows[row[0], row[1]] = (name, *row[2:])
    return rows


def _place(log: RawLog) -> Place:
    return int(log.block_number, 16), int(log.log_index, 16)
