"""Proves history after it was read: block by block, that no log of ours is missing, changed or made up.

The cursor "verified" says up to which block that is done. What stands above it and is not marked as verified in
`raw_block` (live blocks are, when they are written) does not count as verified yet. The audit goes on beside the line,
in its own thread; once it is done, it looks again at blocks by chance.

A block whose rows differ is a *finding*: it is kept, it stops the line (`ReceiptsCheck` asks for it before each window),
and it stays until `repair` has put the proven logs in place.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, func, select, update

from ledger.chain.client import Client
from ledger.chain.prove_blocks import ProvenBlock, prove_blocks
from ledger.errors import BrokenEvidence, NotFound, SuyuanError, Unavailable
from ledger.index.addresses import Addresses
from ledger.index.compare_rows import Difference, first_difference
from ledger.index.continuity import VERIFIED, Cursor, advance, first_cursor, load_cursor, place_cursor
from ledger.index.finding import Finding, keep_finding, load_finding, require_no_finding
from ledger.index.raw_tables import RawTables
from ledger.index.receipts_check import BLOCKS_AT_ONCE
from ledger.store.database import read, write
from ledger.store.schema import raw_block

SAMPLE_SECONDS, IDLE_SECONDS, AFTER_ERROR_SECONDS = 10.0, 0.5, 5.0

_log = structlog.get_logger("audit")


class Audit:
    """The audit of one database against one node. For one thread."""

    def __init__(self, engine: Engine, client: Client, tables: RawTables) -> None:
        self._engine = engine
        self._client = client
        self.tables = tables
        self._addresses = Addresses(tables)
        self._chance = random.Random()  # noqa: S311 - which blocks to look at again, not a secret

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set. What cannot be asked is asked again; a finding is kept, and looked at again."""
        pause, sampled = 0.0, time.monotonic()
        while not stopping.wait(pause):
            try:
                pause = 0.0 if self.step() else IDLE_SECONDS
                if pause and time.monotonic() - sampled > SAMPLE_SECONDS:
                    sampled = time.monotonic()
                    self.sample()
            except BrokenEvidence as error:
                _log.error("found", sentence=str(error))
                pause = AFTER_ERROR_SECONDS
            except SuyuanError as error:
                _log.warning("waiting", reason=str(error))
                pause = AFTER_ERROR_SECONDS

    def step(self) -> bool:
        """Proves the next blocks that have rows and are not verified; false when there are none.

        BrokenEvidence for a finding, which is kept, and for a node whose blocks do not prove themselves.
        """
        with read(self._engine) as connection:
            rows_to, at = load_cursor(connection), load_cursor(connection, VERIFIED)
            if rows_to is None or load_finding(connection) is not None:
                return False
            at = at or self._first()
            if at.next_block >= rows_to.next_block:
                return False
            marked = _marked(connection, at)
        if marked is not None:
            return self._move(at, marked, ())
        proven = self._proven(at, min(at.next_block + BLOCKS_AT_ONCE, rows_to.next_block))
        header = proven[-1].header
        return self._move(at, Cursor(header.number + 1, header.hash), proven)

    def sample(self) -> None:
        """Looks again at one block by chance among those that were verified."""
        with read(self._engine) as connection:
            at = load_cursor(connection, VERIFIED)
            if at is None or load_finding(connection) is not None:
                return
        first = self.tables.plan.first_block
        if at.next_block <= first:
            return
        proven = prove_blocks(self._client, [self._chance.randrange(first, at.next_block)])
        with read(self._engine) as connection:
            self._addresses.load(connection)
            difference = first_difference(connection, self.tables, self._addresses, proven)
        if difference is not None:
            self._found(difference)

    def _first(self) -> Cursor:
        first = first_cursor(self._client, self.tables.plan.first_block)
        with write(self._engine) as connection:
            place_cursor(connection, first, VERIFIED)
        return first

    def _proven(self, at: Cursor, end: int) -> list[ProvenBlock]:
        """The blocks from the cursor up to but without `end`; each stands on the one before it."""
        try:
            proven = prove_blocks(self._client, range(at.next_block, end))
        except NotFound:
            raise Unavailable(f"The node does not have block {end - 1} (yet), whose rows are here.") from None
        before = at.block_hash
        for block in proven:
            if block.header.parent_hash != before:
                raise Unavailable(
                    f"Block {block.header.number} stands on {block.header.parent_hash}, and {before} was verified.",
                    where=self._client.url,
                    hint="The node is of another chain, or the chain was replaced: see `suyuan index status`.",
                )
            before = block.header.hash
        return proven

    def _move(self, old: Cursor, new: Cursor, proven: Sequence[ProvenBlock]) -> bool:
        """Compares and moves in one transaction; false when the rows were rolled back meanwhile."""
        difference = None
        with write(self._engine) as connection:
            rows_to = load_cursor(connection)
            if rows_to is None or rows_to.next_block < new.next_block:
                return False
            if proven:
                self._addresses.load(connection)
                difference = first_difference(connection, self.tables, self._addresses, proven)
            if difference is None and rows_to.next_block == new.next_block and rows_to.block_hash != new.block_hash:
                sentence = (
                    f"Block {new.next_block - 1} is {new.block_hash}, and the rows were read from {rows_to.block_hash}."
                )
                difference = Difference(new.next_block - 1, sentence, replaced=True)
            if difference is None:
                moved = advance(connection, old, new, VERIFIED)
                if moved and proven:
                    first, last = proven[0].header.number, proven[-1].header.number
                    connection.execute(
                        update(raw_block).where(raw_block.c.number.between(first, last)).values(verified=True)
                    )
                return moved
        self._found(difference)
        return False

    def _found(self, difference: Difference) -> None:
        if not difference.replaced:
            keep_finding(self._engine, difference.block, difference.sentence)
            with read(self._engine) as connection:
                require_no_finding(connection)
        if self._client.profile.immediate_finality:
            raise BrokenEvidence(
                difference.sentence,
                where=self._client.url,
                hint="The chain was replaced or the node answers wrongly: check the node.",
                block=difference.block,
            )
        # Else the line rolls it back.


def _marked(connection: Connection, at: Cursor) -> Cursor | None:
    """The end of the run of blocks after the cursor that were verified when they were written; None when there is none."""
    rows = connection.execute(
        select(raw_block.c.number, raw_block.c.hash, raw_block.c.parent_hash)
        .where(raw_block.c.number >= at.next_block, raw_block.c.verified)
        .order_by(raw_block.c.number)
        .limit(1_000)
    )
    end = at
    for row in rows:
        if row.number != end.next_block or f"0x{row.parent_hash.hex()}" != end.block_hash:
            break
        end = Cursor(row.number + 1, f"0x{row.hash.hex()}")
    return end if end != at else None


# --- how far ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verified:
    """`up_to`: the last block up to which all are verified, None before the audit began. `unverified`: how many blocks
    after it were read and are not verified yet; those that were verified when they were written are not among them.
    None when that is not known, for the audit has not begun."""

    up_to: int | None
    unverified: int | None
    finding: Finding | None


def load_verified(connection: Connection) -> Verified:
    """What `suyuan index status` says of it."""
    rows_to, at = load_cursor(connection), load_cursor(connection, VERIFIED)
    if rows_to is None or at is None:
        unverified = 0 if rows_to is None else None
        return Verified(None, unverified, load_finding(connection))
    marked = connection.execute(
        select(func.count()).where(raw_block.c.number >= at.next_block, raw_block.c.verified)
    ).scalar_one()
    return Verified(at.next_block - 1, max(rows_to.next_block - at.next_block - marked, 0), load_finding(connection))
