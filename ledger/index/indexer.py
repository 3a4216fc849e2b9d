"""The indexer: follows a chain window by window and keeps the rows, the cursor and the last error.

Several may run on one database: one works, the others wait and take over. Anything that stops the line (a node that
does not answer, a log that does not decode, a damaged file, a broken chain) leaves cursor and rows as they were, is
kept for `status`, and is tried again: the line goes on by itself once its cause is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, Engine

from ledger.chain.client import Client
from ledger.chain.new_blocks import Pause
from ledger.errors import BrokenEvidence, SuyuanError, Unavailable
from ledger.index.addresses import Addresses
from ledger.index.collector import without_collector
from ledger.index.commit import commit
from ledger.index.continuity import (
    Cursor,
    Forked,
    first_cursor,
    load_cursor,
    lock_beginning,
    place_cursor,
    require_continuity,
    require_same_chain,
)
from ledger.index.decode import decode
from ledger.index.derive import Stopped, never
from ledger.index.fetch import Fetcher
from ledger.index.handler_code import keep_codes
from ledger.index.last_error import clear_error, keep_error
from ledger.index.raw_tables import RawTables
from ledger.index.window import Window
from ledger.store.database import read, write

QUICK_SECONDS, IDLE_SECONDS, AFTER_ERROR_SECONDS = 0.05, 0.4, 1.0

Check = Callable[[Window, Addresses], frozenset[int]]
"""Looks at a window before it is written; gives the blocks whose receipts root it recomputed."""

Reorganise = Callable[[Cursor], None]
"""Brings the rows from a cursor that stands on a block which was replaced to the chain of now."""

_log = structlog.get_logger("index")


class Outdated(Unavailable):
    """Raw rows stand that were read otherwise than the plan says."""


class Indexer:
    """One line from one chain into one database.

    `check` and `reorganise`: see `ledger.index`. `guard` is called in each transaction that writes a window, first, and
    raises what forbids it. `prepare` is called before the first window, until it
    does not raise; `mend` when nothing is new, and says whether it changed rows.
    """

    def __init__(
        self,
        engine: Engine,
        client: Client,
        tables: RawTables,
        *,
        check: Check | None = None,
        guard: Callable[[Connection], None] | None = None,
        reorganise: Reorganise | None = None,
        prepare: Callable[[], None] | None = None,
        mend: Callable[[], bool] | None = None,
        stop: Callable[[], bool] = never,
    ) -> None:
        self._engine = engine
        self._client = client
        self.tables = tables
        self._check = check
        self._guard = guard
        self._reorganise = reorganise
        self._prepare = prepare
        self._mend = mend
        self._stop = stop
        self._addresses = Addresses(self.tables)
        self._fetcher = Fetcher(client, self._addresses, whole=check is not None)
        self._trusted: Cursor | None = None  # a cursor that was compared with this node's chain
        self._ready = False

    def step(self, *, told: bool = False) -> bool:
        """Takes one window, if there is one; true when rows may have moved, so that more may be waiting.

        `told`: a node has just told of a new block. Raises what stops the line: Unavailable, BrokenEvidence; Stopped.
        """
        try:
            with without_collector():
                return (told and self._take_new_block()) or self._step()
        except BaseException:
            self._trusted = None  # look again where the line stands
            raise

    def _step(self) -> bool:
        at = self._trusted or self._cursor()
        last_block, final_block = self._ends()
        if last_block < at.next_block:
            at = self._cursor()  # no new block; but somebody else may have moved it
        try:
            if at != self._trusted or last_block < at.next_block:
                require_same_chain(self._client, at, last_block)
                self._trust(at)
            if last_block < at.next_block:
                return self._mend() if self._mend is not None else False
            window = self._fetcher.fetch(at.next_block, last_block)
            require_continuity(self._client, at, window)
        except Forked:
            if final_block is None or self._reorganise is None:
                raise  # a block of this chain is final at once: an alarm
            self._trusted = None
            self._reorganise(at)
            return True
        self._take(at, window, final_block)
        return True

    def _take_new_block(self) -> bool:
        """One question instead of three for the block behind the last one; false where it takes more than that to know
        what to do."""
        at = self._trusted
        alone = len(self._client.nodes) == 1  # of several, one may have it and another not
        if at is None or self._check is None or not alone or not self._client.profile.immediate_finality:
            return False
        window = self._fetcher.glance(at.next_block)
        if window is None:
            return False
        require_continuity(self._client, at, window)
        self._take(at, window, None)
        return True

    def _take(self, at: Cursor, window: Window, final_block: int | None) -> None:
        self._addresses.learn(window.logs)
        verified = self._check(window, self._addresses) if self._check is not None else frozenset()
        window, new = self._commit(at, window, verified, final_block)
        self._trusted = new  # None: another indexer was quicker
        if new is not None:
            _log.info("indexed", first_block=window.first_block, last_block=window.last_block, logs=len(window.logs))

    def sync(self) -> None:
        """Steps until the rows tell all that the chain holds and the document store opens."""
        while self.step():
            pass

    def run(self, stopping: Pause) -> None:
        """Follows until `stopping` is set: quickly while blocks arrive, slower while nothing happens."""
        pause, began = 0.0, time.monotonic()
        while not stopping.wait(pause):
            try:
                moved = self.step(told=time.monotonic() - began < pause)
                clear_error(self._engine)
                pause = QUICK_SECONDS if moved else min(max(pause, QUICK_SECONDS) * 1.5, IDLE_SECONDS)
            except Stopped:
                return
            except SuyuanError as error:
                self._keep(error)
                pause = AFTER_ERROR_SECONDS
            except Exception as error:  # a fault of ours: told like the others, so that nobody waits in the dark
                _log.exception("failed")
                self._keep(SuyuanError(f"The indexer failed: {type(error).__name__}: {error}"))
                pause = AFTER_ERROR_SECONDS
            began = time.monotonic()

    def close(self) -> None:
        """What is in flight is not waited for."""
        self._fetcher.close()

    def _ends(self) -> tuple[int, int | None]:
        """The last block to read; and the last final one, on a chain whose blocks may be replaced."""
        if self._client.profile.immediate_finality:
            return self._client.final_block(), None
        return self._client.head().number, self._client.final_block()

    def _commit(
        self, at: Cursor, window: Window, verified: frozenset[int], final_block: int | None
    ) -> tuple[Window, Cursor | None]:
        """Where a log does not decode, or cannot be true, the blocks before it are still taken."""
        while True:
            self._addresses.learn(window.logs)
            try:
                batches = window.batches if window.batches is not None else decode(window.logs, self._addresses)
                return window, commit(
                    self._engine,
                    self.tables,
                    at,
                    window,
                    batches,
                    verified=verified,
                    final_block=final_block,
                    stop=self._stop,
                    guard=self._guard,
                )
            except BrokenEvidence as error:
                block = error.values.get("block")
                if not isinstance(block, int) or block <= window.first_block:
                    raise
                window = window.before(block, window.headers.get(block - 1) or self._client.block(block - 1))

    def _cursor(self) -> Cursor:
        if not self._ready and self._prepare is not None:
            self._prepare()
        with read(self._engine) as connection:
            at = load_cursor(connection)
            current = self._ready or self.tables.current(connection)
        if at is None:
            at = self._begin()
        elif not current:
            raise Outdated(
                "The contracts or addresses that are followed have changed since the rows were written.",
                hint="Fetch them again: `suyuan index rebuild --from-node`.",
            )
        self._ready = True
        return at

    def _begin(self) -> Cursor:
        plan = self.tables.plan
        self._client.require_chain(plan.chain_id)
        first = first_cursor(self._client, plan.first_block)
        with write(self._engine) as connection:
            lock_beginning(connection)
            at = load_cursor(connection)  # again: two indexers may begin together
            if at is not None:
                return at
            self.tables.make(connection)
            keep_codes(connection, plan)
            place_cursor(connection, first)
        return first

    def _trust(self, at: Cursor) -> None:
        self._trusted = at
        if self._addresses.announced:
            with read(self._engine) as connection:
                self._addresses.load(connection)

    def _keep(self, error: SuyuanError) -> None:
        """Says it once in the log and keeps it for `status`; a database that does not answer cannot keep it."""
        try:
            new = keep_error(self._engine, error)
        except SuyuanError:
            new = True
        if new:
            _log.error("stopped", error=type(error).__name__, sentence=str(error))
