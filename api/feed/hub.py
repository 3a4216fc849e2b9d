"""One reader of the feed for all subscribers of a process.

A thread waits while anybody listens until a commit wakes it, reads what came, once for all, and hands it to the event
loop, which deals it out. A subscriber that does not keep up is cut off; it comes back with its last id and misses
nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.feed.subscriber import Event, Subscriber
from ledger.errors import SuyuanError, Unavailable
from ledger.notify.feed import REORGANISED, FeedRow, Page, Position, last_position, page_after
from ledger.store.database import read
from ledger.store.wake import Waiter

LOOK_SECONDS = 1.0  # without a wake-up: one may be missed when a writer is killed just behind its commit
AFTER_ERROR_SECONDS = 1.0
TICK_SECONDS = 1.0
PAGE_ROWS = 500
MOST_SUBSCRIBERS = 2_000

_log = structlog.get_logger("api.feed")


class FeedHub:
    """Deals the rows of the feed to its subscribers. Lives in one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: set[Subscriber] = set()
        self._dealt: Position | None = None  # up to where rows were dealt out; None while nobody reads
        self._closed = False
        self._reader: _Reader | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()
        self.told = 0  # events that were dealt out, since this process started
        self.cut_off = 0  # subscribers that did not keep up

    @property
    def listening(self) -> frozenset[Subscriber]:
        """Who listens now."""
        return frozenset(self._subscribers)

    def require_room(self) -> None:
        """Unavailable when as many listen as this process takes."""
        if len(self._subscribers) >= MOST_SUBSCRIBERS:
            raise Unavailable(f"{MOST_SUBSCRIBERS} listen here already.", hint="Try again later.")

    async def listen(self, subscriber: Subscriber, after: Position | None) -> AsyncGenerator[bytes, None]:
        """What the subscriber wants of the rows behind `after`, as events, first those that stand already, then those
        that come; without `after` only those that come. Now and then a comment that says nothing, so that proxies keep
        the line open. Ends when the hub closes or the subscriber is cut off."""
        await self._start()
        if self._closed or self._dealt is None:
            return
        since = self._dealt  # no await from here to the registration: nothing is dealt in between
        with self._registered(subscriber):
            if after is not None:
                async for chunk in self._standing(subscriber, after, since):
                    yield chunk
            while (news := await subscriber.next()) is not None:
                yield news

    def close(self) -> None:
        """Ends every subscription: the process stops."""
        self._closed = True
        self._halt()
        for subscriber in self._subscribers:
            subscriber.end()

    @contextmanager
    def _registered(self, subscriber: Subscriber) -> Iterator[None]:
        self._subscribers.add(subscriber)
        try:
            yield
        finally:
            self._subscribers.discard(subscriber)
            self.cut_off += subscriber.was_cut_off
            if not self._subscribers:
                self._halt()

    async def _standing(self, subscriber: Subscriber, after: Position, since: Position) -> AsyncGenerator[bytes, None]:
        """Read in pages, so that a long absence does not fill the memory. What is dealt meanwhile waits in the queue;
        after a reorganisation in between, some of it is told twice, behind the word that it happened."""
        while after[:2] < since[:2] or after.turn < since.turn:
            page = await asyncio.to_thread(page_after, self._engine, after, PAGE_ROWS)
            rows = [row for row in page.rows if _is_standing(row, since)]
            wanted = [
                Event(row).text_for(subscriber.interest.listener) for row in rows if subscriber.interest.covers(row)
            ]
            if wanted:
                yield subscriber.handed(b"".join(wanted))
            if len(rows) < PAGE_ROWS:
                return
            after = page.at

    # --- the reader --------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        async with self._starting:  # two first subscribers may arrive together
            if self._dealt is not None or self._closed:
                return
            self._dealt = await asyncio.to_thread(self._last)
            self._reader = _Reader(self._engine, self, asyncio.get_running_loop(), self._dealt)
            self._reader.start()
            self._tick()

    def _last(self) -> Position:
        with read(self._engine) as connection:
            return last_position(connection)

    def _halt(self) -> None:
        if self._reader is not None:
            self._reader.stop()
        if self._clock is not None:
            self._clock.cancel()
        self._reader = None
        self._clock = None
        self._dealt = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        for subscriber in self._subscribers:
            subscriber.tick(loop.time())
        self._clock = loop.call_later(TICK_SECONDS, self._tick)

    def deal(self, reader: _Reader, events: list[Event], at: Position) -> None:
        """Called in the event loop by the reader's thread."""
        if reader is not self._reader:  # one that was halted meanwhile
            return
        for event in events:
            for subscriber in self._subscribers:
                subscriber.offer(event)
        self.told += len(events)
        self._dealt = at


def _is_standing(row: FeedRow, since: Position) -> bool:
    """Whether it is not dealt out later."""
    return row.kind == REORGANISED or row.position.turn != since.turn or row.position[:2] <= since[:2]


class _Reader(threading.Thread):
    """Waits, reads, hands over. A database that fails is asked again: its reader must not end in silence."""

    def __init__(self, engine: Engine, hub: FeedHub, loop: asyncio.AbstractEventLoop, after: Position) -> None:
        super().__init__(name="feed-reader", daemon=True)
        self._engine, self._hub, self._loop, self._after = engine, hub, loop, after
        self._stopping = threading.Event()
        self._waiter: Waiter | None = None

    def stop(self) -> None:
        self._stopping.set()
        if self._waiter is not None:
            self._waiter.stop()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Waiter(self._engine) as self._waiter:
                    self._follow(self._waiter)
            except (SQLAlchemyError, SuyuanError) as error:
                _log.warning("feed_unreadable", error=type(error).__name__)
                self._stopping.wait(AFTER_ERROR_SECONDS)
            except RuntimeError:
                return  # the loop is closed

    def _follow(self, waiter: Waiter) -> None:
        while not self._stopping.is_set():
            page = page_after(self._engine, self._after, PAGE_ROWS)
            if page.rows:
                self._hand_over(page)
            if len(page.rows) < PAGE_ROWS:
                waiter.wait(LOOK_SECONDS)

    def _hand_over(self, page: Page) -> None:
        events = [Event(row) for row in page.rows]
        dealt = threading.Event()

        def deal() -> None:
            dealt.set()
            self._hub.deal(self, events, page.at)

        self._loop.call_soon_threadsafe(deal)
        self._after = page.at
        # Not faster than the loop deals: long pages must not fill the queues of those who do keep up.
        while len(events) >= PAGE_ROWS and not dealt.wait(1.0) and not self._stopping.is_set():
            pass
