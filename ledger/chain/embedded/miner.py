"""When blocks are made.

In service: at most one a second of the clock, only when transactions wait, with all of them. py-evm wants a block's
time, in whole seconds, above its parent's; so a block is begun only when the clock stands above it, and the chain never
runs ahead. Instant (tests): at once, the chain's clock being its own.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.build_block import Built, Stopped, Unexecutable, build_block
from ledger.chain.embedded.pool import Pool, Waiting
from ledger.chain.embedded.rules import base_fee_of
from ledger.chain.embedded.say import say
from ledger.errors import SuyuanError, Unavailable

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
        self._said_early = False
        self.trouble: SuyuanError | None = None

    def mine_now(self) -> None:
        """Instant mode: mines until nothing is ready. Raises what keeps a block from being kept."""
        with self._mining:
            while ready := self._ready():
                head = self._backend.head()
                try:
                    if not self._mine(ready, max(int(self._clock()), head.timestamp + 1)):
                        return
                except Stopped:
                    raise Unavailable("The chain is being stopped; the transaction waits in its file.") from None

    def run(self) -> None:
        """Service mode, until `stop`. Whatever fails is said once, and tried again."""
        while not self._stopping.is_set():
            try:
                pause = self._step()
            except Stopped:
                return
            except Exception as error:
                self._fail(error)
                pause = _PAUSE_AFTER_FAILURE_S
            self._stopping.wait(pause)

    def _step(self) -> float:
        """Waits until something is ready, then makes a block if the clock allows. Returns how many seconds to pause."""
        with self._pool.arrived:
            if self._stopping.is_set():
                raise Stopped
            if not self._ready():
                self._recover()
                self._pool.arrived.wait()
                return 0.0
        now = self._clock()
        early = self._backend.head().timestamp + 1 - now
        if early > 0:
            if early > _WORTH_SAYING_S and not self._said_early:
                say(f"the last block is {early:.0f} s ahead of the clock: the next one waits for it")
                self._said_early = True
            return min(early, 1.0)
        self._said_early = False
        with self._mining:
            made = self._mine(self._ready(), int(now))
        self._recover()
        return 0.0 if made else _PAUSE_AFTER_FAILURE_S

    def _recover(self) -> None:
        if self.trouble is not None:
            say("blocks are made again")
        self.trouble = None

    def _fail(self, error: Exception) -> None:
        if self.trouble is None:
            details = str(error) if isinstance(error, SuyuanError) else "".join(traceback.format_exception(error))
            say(f"no block could be made, its transactions wait: {details}")
        unknown = Unavailable("No block can be made at present.", hint="The chain's log says why.")
        self.trouble = error if isinstance(error, SuyuanError) else unknown

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
