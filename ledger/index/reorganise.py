"""Follows a chain that replaced blocks: back to the last block that stayed, and forward, in one transaction.

    (1) find the ancestor: the last block whose row has the hash that the node gives now
    (2) fetch the blocks that took the place of the others
    (3) in one transaction: roll back, say so in `reorganisation`, write the new blocks

Nobody sees the rows in between, and a kill leaves the old ones or the new ones. The new blocks are not final, and not
verified yet: the audit proves them. A node that is merely behind is waited for, and a block that was final is never
rolled back: the line stops there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, func, insert, select

from ledger.chain.client import Client
from ledger.errors import BrokenEvidence, NotFound, Unavailable
from ledger.index.addresses import Addresses
from ledger.index.commit import store
from ledger.index.continuity import FINAL, Cursor, Forked, load_cursor, lock_cursor, require_continuity
from ledger.index.decode import decode
from ledger.index.derive import never
from ledger.index.fetch import Fetcher
from ledger.index.journal import roll_back
from ledger.index.raw_tables import RawTables
from ledger.index.window import LIVE_BLOCKS, Window
from ledger.store.database import read
from ledger.store.schema import raw_block, reorganisation
from ledger.store.wake import write_and_wake

_log = structlog.get_logger("index")


@dataclass(frozen=True, slots=True)
class Reorganised:
    """The blocks after `ancestor` up to `head` were replaced, `at` (Unix seconds). `times`: how often that happened."""

    ancestor: int
    head: int
    at: int
    times: int


def load_reorganised(connection: Connection) -> Reorganised | None:
    """The last time; None when no block was ever replaced."""
    row = connection.execute(select(reorganisation).order_by(reorganisation.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    times = connection.execute(select(func.count()).select_from(reorganisation)).scalar_one()
    return Reorganised(row.ancestor, row.head, row.at, times)


class Reorganiser:
    """For the `Indexer` of the same engine, client and tables."""

    def __init__(self, engine: Engine, client: Client, tables: RawTables, stop: Callable[[], bool] = never) -> None:
        self._engine = engine
        self._client = client
        self._tables = tables
        self._stop = stop

    def __call__(self, at: Cursor) -> None:
        """The rows stand at `at`, on a block that was replaced; afterwards on the node's chain.

        Unavailable when the node is only behind, or its chain moves on meanwhile; BrokenEvidence when blocks that were
        final were replaced.
        """
        try:
            head, final_block = self._client.head().number, self._client.final_block()
            with read(self._engine) as connection:
                ancestor = self._ancestor(connection, at, head)
                addresses = Addresses(self._tables)
                addresses.load(connection)
            windows = self._windows(addresses, ancestor, at, head)
        except (Forked, NotFound) as moved:
            raise Unavailable(f"The chain moves while it is read: {moved.what}", hint="It is asked again.") from None
        with write_and_wake(self._engine) as connection:
            if lock_cursor(connection) != at:
                return  # another indexer was quicker
            roll_back(connection, self._tables, ancestor)
            replaced = {"ancestor": ancestor.next_block - 1, "head": at.next_block - 1, "at": int(time.time())}
            connection.execute(insert(reorganisation).values(**replaced))
            addresses.load(connection)
            stands = ancestor
            for window in windows:
                addresses.learn(window.logs)
                batches = decode(window.logs, addresses)
                store(connection, self._tables, stands, window, batches, final_block=final_block, stop=self._stop)
                stands = _end(window)
        _log.warning("reorganised", blocks=at.next_block - ancestor.next_block, **replaced)

    def _ancestor(self, connection: Connection, at: Cursor, head: int) -> Cursor:
        """Of each block near the head a row tells the hash, and its parent's."""
        final = load_cursor(connection, FINAL)
        lowest, highest = (final.next_block - 1 if final else 0), min(head, at.next_block - 1)
        known: dict[int, str] = {}
        for row in connection.execute(
            select(raw_block.c.number, raw_block.c.hash, raw_block.c.parent_hash)
            .where(raw_block.c.number.between(lowest, highest + 1))
            .order_by(raw_block.c.number)
        ):
            known |= {row.number - 1: f"0x{row.parent_hash.hex()}", row.number: f"0x{row.hash.hex()}"}
        numbers = [number for number in known if lowest <= number <= highest]
        same = [header for header in self._client.blocks(numbers) if header.hash == known[header.number]]
        if not same:
            raise BrokenEvidence(
                f"The chain replaced its blocks from {lowest} on, and block {lowest} was final.",
                where=self._client.url,
                hint="Check the node: on another chain, run `suyuan index rebuild --from-node`.",
                block=lowest,
            )
        last = max(same, key=lambda header: header.number)
        if last.number == at.next_block - 1:
            raise Unavailable("The chain moved while it was read.", where=self._client.url, hint="It is asked again.")
        if last.number == head:
            raise Unavailable(
                f"The node is at block {head}, and the rows tell up to block {at.next_block - 1} of the same chain.",
                where=self._client.url,
                hint="It is behind, and is waited for.",
            )
        return Cursor(last.number + 1, last.hash)

    def _windows(self, addresses: Addresses, ancestor: Cursor, at: Cursor, head: int) -> list[Window]:
        """The new blocks: up to where the rows stood, or to the head where that is lower now."""
        fetcher, windows, stands = Fetcher(self._client, addresses, span=LIVE_BLOCKS), [], ancestor
        while stands.next_block <= min(head, at.next_block - 1):
            window = fetcher.fetch(stands.next_block, head)
            require_continuity(self._client, stands, window)
            windows.append(window)
            stands = _end(window)
        return windows


def _end(window: Window) -> Cursor:
    return Cursor(window.last_block + 1, window.headers[window.last_block].hash)
