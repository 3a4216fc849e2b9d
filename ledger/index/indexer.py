"""The indexer: follows the chain window by window and keeps the rows, the cursor and the last error.

Several may run on one database: one works, the others wait and take over. Anything that stops the line (a node that
does not answer, a log that does not decode, a damaged file, a broken chain) leaves cursor and rows as they were, is
kept for `status`, and is tried again: the line goes on by itself once its cause is gone.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import SuyuanError
from ledger.index.commit import commit
from ledger.index.continuity import (
    Cursor,
    first_cursor,
    load_cursor,
    place_cursor,
    require_continuity,
    require_same_chain,
)
from ledger.index.decode import Decoder
from ledger.index.fetch import Fetcher
from ledger.index.heal import heal
from ledger.index.last_error import clear_error, keep_error
from ledger.index.project import Stopped, never
from ledger.index.stored_events import StoredEvents
from ledger.store.database import read, write
from ledger.store.documents import Documents

QUICK_SECONDS, IDLE_SECONDS, AFTER_ERROR_SECONDS = 0.05, 0.4, 1.0
LOOK_AGAIN_SECONDS = 30.0

_log = structlog.get_logger("index")


class Indexer:
    """One line from one chain into one database."""

    def __init__(
        self,
        engine: Engine,
        client: Client,
        deployment: Deployment,
        documents: Documents,
        stop: Callable[[], bool] = never,
    ) -> None:
        self._engine = engine
        self._client = client
        self._deployment = deployment
        self._documents = documents
        self._stop = stop
        self._decoder = Decoder(deployment)
        self._fetcher = Fetcher(client, deployment)
        self._stored = StoredEvents(documents)
        self._trusted: Cursor | None = None  # a cursor that was compared with this node's chain
        self._looked: tuple[float, dict[str, int]] = (0.0, {})  # when for arrived documents, and what was there

    def step(self) -> bool:
        """Takes one window, if there is one; true when rows may have moved, so that more may be waiting.

        Raises what stops the line: Unavailable, BrokenEvidence; Stopped.
        """
        at = self._cursor()
        final_block = self._client.final_block()
        if at != self._trusted or final_block < at.next_block:
            require_same_chain(self._client, at, final_block)
            self._trusted = at
        if final_block < at.next_block:
            return self._heal()
        window = self._fetcher.fetch(at.next_block, final_block)
        require_continuity(self._client, at, window)
        new = commit(self._engine, at, window, self._decoder, self._stored, self._stop)
        if new is not None:
            self._trusted = new
            _log.info("indexed", first_block=window.first_block, last_block=window.last_block, logs=len(window.logs))
        return True

    def sync(self) -> None:
        """Steps until the rows tell all that the chain holds and the document store opens."""
        while self.step():
            pass

    def run(self, stopping: threading.Event) -> None:
        """Follows until `stopping` is set: quickly while blocks arrive, slower while nothing happens."""
        pause = 0.0
        while not stopping.wait(pause):
            try:
                moved = self.step()
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

    def _cursor(self) -> Cursor:
        with read(self._engine) as connection:
            at = load_cursor(connection)
        if at is None:
            self._client.require_chain(self._deployment.chain_id)
            first = first_cursor(self._client, self._deployment)
            with write(self._engine) as connection:
                place_cursor(connection, first)
                at = load_cursor(connection)
        return at or first

    def _heal(self) -> bool:
        """Looks for arrived documents when a folder of the store changed since the last look, and now and then."""
        last, there = self._looked
        now, here = time.monotonic(), _folders(self._documents.path)
        if here == there and now - last < LOOK_AGAIN_SECONDS:
            return False
        healed = heal(self._engine, self._documents)
        self._looked = now, here
        if healed:
            _log.info("opened_sealed", count=healed)
        return healed > 0

    def _keep(self, error: SuyuanError) -> None:
        """Says it once in the log and keeps it for `status`; a database that does not answer cannot keep it."""
        try:
            new = keep_error(self._engine, error)
        except SuyuanError:
            new = True
        if new:
            _log.error("stopped", error=type(error).__name__, sentence=str(error))


def _folders(path: Path) -> dict[str, int]:
    """When a file was last added, by folder."""
    try:
        with os.scandir(path) as entries:
            return {entry.name: entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
    except FileNotFoundError:
        return {}
