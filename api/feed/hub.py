"""One reader of the feed table for all subscribers of a process.

A thread looks for new rows while anybody listens and hands them to the event loop, which deals them out. With SQLite
it asks `PRAGMA data_version`, which costs microseconds and changes only when another connection has committed;
elsewhere it asks the table itself, less often. A subscriber that does not keep up is cut off; it comes back with its
last id and misses nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from api.feed.rows import FeedRow, Position, last_position, rows_after
from ledger.errors import SuyuanError

SQLITE_PAUSE_SECONDS = 0.01
TABLE_PAUSE_SECONDS = 0.25
QUEUE_ROWS = 1000
PAGE_ROWS = 500

_log = structlog.get_logger("api.feed")


class Subscriber:
    """Who listens: what it wants to hear, and the rows that wait for it."""

    def __init__(self, wants: Callable[[FeedRow], bool]) -> None:
        self.wants = wants
        self.queue: asyncio.Queue[FeedRow | None] = asyncio.Queue()  # None: the hub closes
        self.ended = asyncio.Event()  # cut off, or closed

    def offer(self, row: FeedRow) -> None:
        if self.ended.is_set() or not self.wants(row):
            return
        if self.queue.qsize() >= QUEUE_ROWS:
            self.ended.set()
        else:
            self.queue.put_nowait(row)


class FeedHub:
    """Deals the rows of the feed to its subscribers. Lives in one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: set[Subscriber] = set()
        self._dealt: Position | None = None  # the position up to which rows were dealt out; None while nobody reads
        self._closed = False
        self._stop: threading.Event | None = None
        self._starting = asyncio.Lock()

    @property
    def listening(self) -> frozenset[Subscriber]:
        """Who listens now."""
        return frozenset(self._subscribers)

    @contextmanager
    def _registered(self, subscriber: Subscriber) -> Iterator[None]:
        self._subscribers.add(subscriber)
        try:
            yield
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers:
                self._halt()

    async def listen(self, subscriber: Subscriber, after: Position | None) -> AsyncGenerator[FeedRow, None]:
        """Rows behind `after` that the subscriber wants, first those that stand already, then those that come;
        without `after` only those that come. Ends when the hub closes or the subscriber is cut off."""
        await self._start()
        if self._closed or self._dealt is None:
            return
        since = self._dealt  # no await from here to the registration: nothing is dealt in between
        with self._registered(subscriber):
            if after is not None:
                async for row in self._standing(after, since):
                    if subscriber.wants(row):
                        yield row
            while not subscriber.ended.is_set():
                waiting = await subscriber.queue.get()
                if waiting is None:
                    return
                yield waiting

    def close(self) -> None:
        """Ends every subscription: the process stops."""
        self._closed = True
        self._halt()
        for subscriber in self._subscribers:
            subscriber.queue.put_nowait(None)
            subscriber.ended.set()

    async def _standing(self, after: Position, upto: Position) -> AsyncIterator[FeedRow]:
        """Read in pages, so that a long absence does not fill the memory."""
        while after < upto:
            page = await asyncio.to_thread(self._page, after, upto)
            if not page:
                return
            for row in page:
                yield row
            after = page[-1].position

    def _page(self, after: Position, upto: Position) -> list[FeedRow]:
        with self._engine.connect() as connection:
            return rows_after(connection, after, upto, limit=PAGE_ROWS)

    async def _start(self) -> None:
        async with self._starting:  # two first subscribers may arrive together
            if self._dealt is not None or self._closed:
                return
            self._dealt = await asyncio.to_thread(self._last)
            self._stop = threading.Event()
            reader = threading.Thread(
                target=self._read,
                args=(asyncio.get_running_loop(), self._dealt, self._stop),
                name="feed-reader",
                daemon=True,
            )
            reader.start()

    def _last(self) -> Position:
        with self._engine.connect() as connection:
            return last_position(connection)

    def _halt(self) -> None:
        if self._stop is not None:
            self._stop.set()
        self._stop = None
        self._dealt = None

    def _deal(self, rows: list[FeedRow], stop: threading.Event, dealt: threading.Event) -> None:
        dealt.set()
        if stop is not self._stop:  # a reader that was halted meanwhile
            return
        for row in rows:
            for subscriber in self._subscribers:
                subscriber.offer(row)
        self._dealt = rows[-1].position

    def _read(self, loop: asyncio.AbstractEventLoop, after: Position, stop: threading.Event) -> None:
        """The thread: looks, deals, pauses. A database that fails is asked again; its reader must not end in
        silence."""
        while not stop.is_set():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    after = self._follow(connection, loop, after, stop)
            except (SQLAlchemyError, SuyuanError) as error:
                _log.warning("feed_unreadable", error=type(error).__name__)
                stop.wait(1.0)
            except RuntimeError:
                return  # the loop is closed

    def _follow(
        self, connection: Connection, loop: asyncio.AbstractEventLoop, after: Position, stop: threading.Event
    ) -> Position:
        sqlite = connection.dialect.name == "sqlite"
        seen: int | None = None
        while not stop.is_set():
            version = connection.execute(text("PRAGMA data_version")).scalar_one() if sqlite else None
            if version is None or version != seen:
                rows = rows_after(connection, after, limit=PAGE_ROWS)
                if rows:
                    dealt = threading.Event()
                    loop.call_soon_threadsafe(self._deal, rows, stop, dealt)
                    # Not faster than the loop deals: a long page must not fill the queues of those who do keep up.
                    while not dealt.wait(1.0) and not stop.is_set():
                        pass
                    after = rows[-1].position
                    continue  # there may be more than a page; the version is marked as seen once nothing is left
                seen = version
            stop.wait(SQLITE_PAUSE_SECONDS if sqlite else TABLE_PAUSE_SECONDS)
        return after
