"""The feed as server-sent events (HTML Living Standard, section 9.2).

An answer of its own, because it must be able to end: when the reader does not read, when it left, when its session
ran out, when the process stops. A stalled `send` cannot be ended from inside a generator."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.feed.hub import FeedHub
from api.feed.subscriber import HELLO, Subscriber
from ledger.notify.feed import Position

FAREWELL_SECONDS = 0.2


class EventStream(Response):
    """Streams what the subscriber wants, from behind `after`. `until`: Unix seconds at which it ends (its session's
    end)."""

    media_type = "text/event-stream"

    def __init__(self, hub: FeedHub, subscriber: Subscriber, after: Position | None, until: int | None) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        # There is no length, and starlette would write one for an empty body.
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        self._hub, self._subscriber, self._after, self._until = hub, subscriber, after, until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            pump = asyncio.create_task(self._pump(send))
            left = asyncio.create_task(_left(receive))
            ended = asyncio.create_task(self._subscriber.ended.wait())
            tasks: set[asyncio.Task[object]] = {pump, left, ended}
            try:
                await asyncio.wait(tasks, timeout=self._seconds_left(), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        try:  # to one that does not read, even the farewell would stall
            await asyncio.wait_for(
                send({"type": "http.response.body", "body": b"", "more_body": False}), FAREWELL_SECONDS
            )
        except (TimeoutError, OSError):
            return

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.body", "body": HELLO, "more_body": True})
        # Closed by hand: a pump that is cancelled inside `send` would leave the generator, and the subscription, to the
        # collector.
        async with aclosing(self._hub.listen(self._subscriber, self._after)) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

    def _seconds_left(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - time.time())


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
