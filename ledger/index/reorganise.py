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
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, func, insert, select

from ledger.chain.client import BlockHeader, Client
from ledger.errors import BrokenEvidence, NodeRefused, NotFound, Unavailable
from ledger.index.addresses import Addresses
from ledger.index.commit import store
from ledger.index.continuity import FINAL, Cursor, Forked, load_cursor, lock_cursor, require_continuity
from ledger.index.decode import RawBatch, decode
from ledger.index.derive import never
from ledger.index.fetch import Fetcher
from ledger.index.journal import roll_back
from ledger.index.raw_tables import RawTables
from ledger.index.window import Window
from ledger.store.database import read
from ledger.store.schema import raw_block, reorganisation
from ledger.store.wake import write_and_wake

BLOCKS_A_PART, IN_FLIGHT = 16, 2
MORE_BLOCKS = 64
"""How far the transaction reaches beyond the height where the rows stood; what follows is taken as always."""

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
                known = self._headers(connection, at, head)
                ancestor = self._ancestor(connection, known, at, head)
                addresses = Addresses(self._tables)
                addresses.load(connection, up_to=ancestor.next_block - 1)
            taken = list(self._new_blocks(addresses, ancestor, at, head, known))
        except (Forked, NotFound) as moved:
            raise Unavailable(f"The chain moves while it is read: {moved.what}", hint="It is asked again.") from None
        with write_and_wake(self._engine) as connection:
            if lock_cursor(connection) != at:
                return  # another indexer was quicker
            roll_back(connection, self._tables, ancestor)
            replaced = {"ancestor": ancestor.next_block - 1, "head": at.next_block - 1, "at": int(time.time())}
            connection.execute(insert(reorganisation).values(**replaced))
            stands = ancestor
            for window, batches in taken:
                store(connection, self._tables, stands, window, batches, final_block=final_block, stop=self._stop)
                stands = _end(window)
        _log.warning("reorganised", blocks=at.next_block - ancestor.next_block, **replaced)

    def _headers(self, connection: Connection, at: Cursor, head: int) -> dict[int, BlockHeader]:
        """The node's, of all blocks whose hash a row tells and that may have been replaced."""
        lowest, highest = self._lowest(connection), min(head, at.next_block - 1)
        numbers = [number for number in _told(connection, lowest, highest + 1) if lowest <= number <= highest]
        return dict(zip(numbers, self._client.blocks(numbers), strict=True))

    def _ancestor(self, connection: Connection, known: Mapping[int, BlockHeader], at: Cursor, head: int) -> Cursor:
        lowest = self._lowest(connection)
        told = _told(connection, lowest, at.next_block)
        same = [number for number, header in known.items() if header.hash == told[number]]
        if not same:
            raise BrokenEvidence(
                f"The chain replaced its blocks from {lowest} on, and block {lowest} was final.",
                where=self._client.url,
                hint="Check the node: on another chain, run `suyuan index rebuild --from-node`.",
                block=lowest,
            )
        last = max(same)
        if last == at.next_block - 1:
            raise Unavailable("The chain moved while it was read.", where=self._client.url, hint="It is asked again.")
        if last == head:
            raise Unavailable(
                f"The node is at block {head}, and the rows tell up to block {at.next_block - 1} of the same chain.",
                where=self._client.url,
                hint="It is behind, and is waited for.",
            )
        return Cursor(last + 1, known[last].hash)

    def _lowest(self, connection: Connection) -> int:
        """The last block that was final when rows were last written: nothing below it can be rolled back."""
        final = load_cursor(connection, FINAL)
        return final.next_block - 1 if final else 0

    def _new_blocks(
        self, addresses: Addresses, ancestor: Cursor, at: Cursor, head: int, known: Mapping[int, BlockHeader]
    ) -> Iterator[tuple[Window, list[RawBatch]]]:
        """From the ancestor on; while one part is decoded the node works on the next."""
        last = min(head, at.next_block - 1 + MORE_BLOCKS)
        fetcher, stands = Fetcher(self._client, addresses), ancestor

        def fetch(first: int) -> list[Window]:
            return _fetch(fetcher, first, min(first + BLOCKS_A_PART - 1, last), known)

        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="fetch") as workers:
            for windows in workers.map(fetch, range(ancestor.next_block, last + 1, BLOCKS_A_PART)):
                for window in windows:
                    require_continuity(self._client, stands, window)
                    addresses.learn(window.logs)
                    yield window, decode(window.logs, addresses)
                    stands = _end(window)


def _fetch(fetcher: Fetcher, first: int, last: int, known: Mapping[int, BlockHeader]) -> list[Window]:
    try:
        return [fetcher.live(first, last, known)]
    except NodeRefused:  # nodes refuse answers that are too large
        if first == last:
            raise
        middle = (first + last) // 2
        return [*_fetch(fetcher, first, middle, known), *_fetch(fetcher, middle + 1, last, known)]


def _told(connection: Connection, first: int, last: int) -> dict[int, str]:
    """The hashes of blocks by their rows: each tells its own and its parent's."""
    told: dict[int, str] = {}
    for row in connection.execute(
        select(raw_block.c.number, raw_block.c.hash, raw_block.c.parent_hash)
        .where(raw_block.c.number.between(first, last))
        .order_by(raw_block.c.number)
    ):
        told |= {row.number - 1: f"0x{row.parent_hash.hex()}", row.number: f"0x{row.hash.hex()}"}
    return told


def _end(window: Window) -> Cursor:
    return Cursor(window.last_block + 1, window.headers[window.last_block].hash)
