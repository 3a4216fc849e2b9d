"""Who listens to the feed, and the events that wait for it."""

from __future__ import annotations

import asyncio
import json
from collections import deque

from ledger.notify.feed import FeedRow
from ledger.notify.interest import Interest

HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 1000
TAKE_SECONDS = 10.0  # in which a reader must take what it is sent
MOST_WAITING = 1000

HELLO = f"retry: {RETRY_MILLISECONDS}\n\n".encode()
HEARTBEAT = b": nothing new\n\n"


class Event:
    """A row and its text as a server-sent event, made once for all who hear the same."""

    def __init__(self, row: FeedRow) -> None:
        self.row = row
        self._texts: dict[int | None, bytes] = {}

    def text_for(self, listener: int | None) -> bytes:
        """`data` is one line of JSON (HTML Living Standard, section 9.2.6)."""
        reader = listener if self.row.for_each else None
        if reader not in self._texts:
            data = json.dumps(self.row.told(reader), ensure_ascii=False, separators=(",", ":"))
            self._texts[reader] = f"id: {self.row.id}\nevent: {self.row.kind}\ndata: {data}\n\n".encode()
        return self._texts[reader]


class Subscriber:
    """What it wants to hear, and the events that wait for it. Lives in the hub's event loop, whose `tick` it needs: one
    clock for all costs less than two timers for each event of each subscriber."""

    def __init__(self, interest: Interest) -> None:
        self.interest = interest
        self.was_cut_off = False
        self.ended = asyncio.Event()  # cut off, or closed
        self._waiting: deque[bytes] = deque()
        self._awaited: asyncio.Future[None] | None = None
        self._since: float | None = None  # when it was handed what it is still taking, or began to wait (loop's time)

    def offer(self, event: Event) -> None:
        """Cuts it off when too much waits already."""
        if self.ended.is_set() or not self.interest.covers(event.row):
            return
        if len(self._waiting) >= MOST_WAITING:
            self.cut_off()
            return
        self._waiting.append(event.text_for(self.interest.listener))
        self._wake()

    def cut_off(self) -> None:
        """It does not keep up. What waits is dropped: it comes back with its last id."""
        self.was_cut_off = True
        self._waiting.clear()
        self.end()

    def end(self) -> None:
        self.ended.set()
        self._wake()

    def handed(self, chunk: bytes) -> bytes:
        """From now on it is taking this, until `next` is called."""
        self._since = asyncio.get_running_loop().time()
        return chunk

    async def next(self) -> bytes | None:
        """All that waits, at once; a comment after a while without anything; None at the end."""
        if not self._waiting and not self.ended.is_set():
            loop = asyncio.get_running_loop()
            self._since = loop.time()
            self._awaited = loop.create_future()
            try:
                await self._awaited
            finally:
                self._awaited = None
        if self._waiting:
            chunk = b"".join(self._waiting)
            self._waiting.clear()
            return self.handed(chunk)
        return None if self.ended.is_set() else self.handed(HEARTBEAT)

    def tick(self, now: float) -> None:
        """Cuts it off when it takes too long for what it was handed; lets it hear a comment when nothing happened."""
        if self._since is None:
            return
        if self._awaited is not None:
            if now - self._since >= HEARTBEAT_SECONDS:
                self._wake()
        elif now - self._since >= TAKE_SECONDS:
            self.cut_off()

    def _wake(self) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)
