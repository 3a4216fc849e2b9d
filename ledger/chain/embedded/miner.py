"""When blocks are made.

In service: at most one a second of the clock, only when transactions wait, with all of them. py-evm wants a block's
time, in whole seconds, above its parent's; so a block is begun only when the clock stands above it, and the chain never
runs ahead. Instant (tests): at once, the chain's clock being its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.build_block import Built, Stopped, Unexecutable, build_block
from ledger.chain.embedded.pool import Pool, Waiting
from ledger.chain.embedded.rules import base_fee_of
from ledger.chain.embedded.say import say
from ledger.errors import SuyuanError

_PAUSE_AFTER_FAILURE_S = 1.0
_WORTH_SAYING_S = 5


class Miner:
    """The only writer of blocks. `trouble` is why the last block could not be kept, or None."""

    def __init__(self, backend: FileBackend, pool: Pool, clock: Callable[[], float] = time.time) -> None:
        self._backend = backend
        self._pool = pool
        self._clock = clock
        self._mining = threading.Lock()
        self._stopping = threading.Event()
        self.trouble: SuyuanError | None = None

    def mine_now(self) -> None:
        """Instant mode: mines until nothing is ready. Raises what keeps a block from being kept."""
        with self._mining:
            while ready := self._ready():
                head = self._backend.head()
                if not self._mine(ready, max(int(self._clock()), head.timestamp + 1)):
                    return

    def run(self) -> None:
        """Service mode, until `stop`."""
        said_waiting = False
        while not self._stopping.is_set():
            with self._pool.arrived:
                ready = self._ready()
                if not ready:
                    self._pool.arrived.wait()
                    continue
            now = self._clock()
            early = self._backend.head().timestamp + 1 - now
            if early > 0:
                if early > _WORTH_SAYING_S and not said_waiting:
                    say(f"the last block is {early:.0f} s ahead of the clock: the next one waits for it")
                    said_waiting = True
                self._stopping.wait(min(early, 1.0))
                continue
            said_waiting = False
            self._mine_in_service(int(now))

    def _mine_in_service(self, timestamp: int) -> None:
        try:
            with self._mining:
                # Again, inside the second: what came while the clock was awaited goes along.
                progress = self._mine(self._ready(), timestamp)
        except Stopped:
            return
        except SuyuanError as error:
            if self.trouble is None:
                say(f"no block could be made, its transactions wait: {error}")
            self.trouble = error
            progress = False
        else:
            if self.trouble is not None:
                say("blocks are made again")
            self.trouble = None
        if not progress:
            self._stopping.wait(_PAUSE_AFTER_FAILURE_S)

    def _ready(self) -> list[Waiting]:
        head = self._backend.head()
        return self._pool.ready(base_fee_of(self._backend.next_header(head)))

    def _mine(self, ready: list[Waiting], timestamp: int) -> bool:
        """One block, executed in memory and kept in one transaction. False if it would be empty."""
        poisonous: list[bytes] = []
        while True:
            chain, nodes = self._backend.new_writer()
            try:
                candidates = [waiting for waiting in ready if waiting.hash not in poisonous]
                built: Built = build_block(chain, candidates, timestamp, lambda: not self._stopping.is_set())
                break
            except Unexecutable as error:
                say(f"transaction 0x{error.waiting.hash.hex()} dropped, the EVM failed in it: {error!r}")
                poisonous.append(error.waiting.hash)
        if built.rows is not None:
            self._backend.file.write_block(built.rows, nodes.written)
            self._backend.cache.remember(nodes.written)
        mined = [row.hash for row in built.rows.transactions] if built.rows else []
        self._pool.settle(mined, [*built.dropped, *poisonous])
        return built.rows is not None

    def stop(self) -> None:
        """Leaves an unfinished block unfinished."""
        self._stopping.set()
        with self._pool.arrived:
            self._pool.arrived.notify_all()
