"""Whether the chain makes blocks, and whether this process's clock agrees with theirs, as seen from one process.

On a chain whose validators lost their quorum everything is still accepted and kept, and nothing can be confirmed: whoever takes
requests must say so. A block's time is its proposer's clock: blocks that arrive with times far from ours tell that ours is wrong.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import structlog

from ledger.chain.client import BlockHeader, Client
from ledger.config import Home
from ledger.errors import SuyuanError
from ledger.store.alarms import Alarm, clear_alarm, raise_alarm

LOOK_SECONDS = 1.0

#: Longer than one missed turn (about 11 s on IBFT), which a network with a dead validator has again and again.
SILENT_SECONDS = 15.0

#: Blocks that agree on how wrong the clock is, and by how much they may differ: blocks that are caught up with do not.
BLOCKS_AGREE, AGREE_SECONDS = 4, 3.0
WRONG_CLOCK_SECONDS = 10.0


class Pulse:
    """What one process has seen of the chain's blocks. `note` and the answers may be called by different threads."""

    def __init__(self, block_seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._block_seconds = block_seconds
        self._clock = clock
        self._height = -1
        self._moved = clock()  # when a block came, or where blocks come only on demand, when the node answered
        self._offsets: deque[float] = deque(maxlen=BLOCKS_AGREE)

    def note(self, head: BlockHeader, now: float) -> None:
        """The newest block as just read; `now` in Unix seconds by this process's clock."""
        if head.number != self._height:
            if self._height >= 0 and self._block_seconds is not None:
                self._offsets.append(now - head.timestamp)
            self._height = head.number
            self._moved = self._clock()
        elif self._block_seconds is None:
            self._moved = self._clock()

    def silent_seconds(self) -> float | None:
        """For how long no block came, where that is too long; else None."""
        silent = self._clock() - self._moved
        longest = max(SILENT_SECONDS, 10 * (self._block_seconds or 0))
        return silent if silent > longest else None

    def wrong_clock_seconds(self) -> float | None:
        """By how much this process's clock is ahead of the validators' (behind where negative), where that is too much."""
        if len(self._offsets) < BLOCKS_AGREE or max(self._offsets) - min(self._offsets) > AGREE_SECONDS:
            return None
        offset = sorted(self._offsets)[BLOCKS_AGREE // 2]
        return offset if abs(offset) > WRONG_CLOCK_SECONDS else None


def watch(pulse: Pulse, client: Client, home: Home, process: str, stop: threading.Event) -> None:
    """Looks until `stop` is set, and keeps an alarm of the home for as long as something is wrong."""
    standing: dict[str, bool] = {}  # by kind, once it is known: an earlier process may have left an alarm
    while not stop.wait(LOOK_SECONDS):
        with suppress(SuyuanError):  # the node is away: silence will tell
            pulse.note(client.head(), time.time())
        for kind, sentence in (("chain", _silence(pulse)), ("clock", _wrong_clock(pulse, process))):
            if standing.get(kind) == (sentence is not None):
                continue
            standing[kind] = sentence is not None
            if sentence is None:
                clear_alarm(home, process, kind)
            else:
                raise_alarm(home, Alarm(process, kind, int(time.time()), sentence))
                structlog.get_logger().warning("alarm", kind=kind, sentence=sentence)


def start_watching(pulse: Pulse, client: Client, home: Home, process: str, stop: threading.Event) -> None:
    """Watches in a thread of its own."""
    threading.Thread(target=watch, args=(pulse, client, home, process, stop), name="pulse", daemon=True).start()


def _silence(pulse: Pulse) -> str | None:
    if pulse.silent_seconds() is None:
        return None
    return "The chain makes no blocks: what is accepted is kept and cannot be confirmed yet. See the validators."


def _wrong_clock(pulse: Pulse, process: str) -> str | None:
    offset = pulse.wrong_clock_seconds()
    if offset is None:
        return None
    side = "ahead of" if offset > 0 else "behind"
    return f"The clock of the {process} is {abs(offset):.0f} s {side} the validators'. Set it right."
