"""Proves the rows of a range of blocks, whatever was verified before, and says the first block that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.errors import NotFound
from ledger.index.addresses import Addresses
from ledger.index.compare_rows import Difference, first_difference
from ledger.index.continuity import load_cursor
from ledger.index.raw_tables import RawTables
from ledger.index.receipts_check import proven_parts
from ledger.store.database import read

Progress = Callable[[int, int], None]
"""(blocks done, blocks in all)"""


@dataclass(frozen=True, slots=True)
class Verification:
    """Of blocks `first` to `last`, both included: how many `receipts` and `logs` (of all contracts) were proven, up to
    `difference`: the first block that differs; None when all rows are what the blocks prove."""

    first: int
    last: int
    receipts: int
    logs: int
    difference: Difference | None


def verify(
    engine: Engine,
    client: Client,
    tables: RawTables,
    first: int | None = None,
    last: int | None = None,
    progress: Progress | None = None,
) -> Verification:
    """All blocks that the rows tell, or those from `first` to `last`. NotFound where there are no rows yet.

    BrokenEvidence when the node's blocks do not prove themselves, or do not stand on one another; Unavailable.
    """
    with read(engine) as connection:
        at = load_cursor(connection)
    if at is None or at.next_block <= tables.plan.first_block:
        raise NotFound("There are no rows yet to verify.", hint="Start the indexer: `suyuan up`.")
    first = max(first if first is not None else 0, tables.plan.first_block)
    last = min(last if last is not None else at.next_block - 1, at.next_block - 1)
    addresses, receipts, logs, before = Addresses(tables), 0, 0, None
    for part in proven_parts(client, range(first, last + 1)):
        with read(engine) as connection:
            addresses.load(connection)
            difference = first_difference(connection, tables, addresses, part)
        for block in part:
            if before is not None and block.header.parent_hash != before and difference is None:
                sentence = f"Block {block.header.number} does not stand on block {block.header.number - 1}: {before}."
                difference = Difference(block.header.number, sentence, replaced=True)
            before = block.header.hash
            receipts, logs = receipts + block.receipts, logs + len(block.logs)
        if difference is not None:
            return Verification(first, last, receipts, logs, difference)
        if progress is not None:
            progress(part[-1].header.number - first + 1, last - first + 1)
    if last == at.next_block - 1 and before is not None and before != at.block_hash:
        sentence = f"Block {last} is {before} on the chain, and the rows were read from {at.block_hash}."
        return Verification(first, last, receipts, logs, Difference(last, sentence, replaced=True))
    return Verification(first, last, receipts, logs, None)
