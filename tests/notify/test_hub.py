"""The API's hub over both databases: woken by the commit, nothing lost, a lost connection taken up again."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from feed_scene import Feed
from sqlalchemy import text

from api.feed import hub as hub_module
from api.feed.hub import FeedHub
from api.feed.subscriber import Subscriber
from ledger.notify.interest import Interest
from ledger.store.database import write

PATIENCE = 20.0


async def hear(hub: FeedHub, count: int) -> bytes:
    """What a subscriber hears until so many events came."""
    heard = b""
    async with aclosing(hub.listen(Subscriber(Interest()), None)) as chunks, asyncio.timeout(PATIENCE):
        async for chunk in chunks:
            heard += chunk
            if heard.count(b"\nevent: ") >= count:
                break
    return heard


async def listening(hub: FeedHub) -> None:
    async with asyncio.timeout(PATIENCE):
        while not hub.listening:
            await asyncio.sleep(0.01)


def test_each_commit_is_heard_in_order(feed: Feed) -> None:
    async def run() -> bytes:
        hub = FeedHub(feed.engine)
        hearing = asyncio.create_task(hear(hub, 20))
        await listening(hub)
        for _ in range(20):
            await asyncio.to_thread(feed.happen)
        return await hearing

    heard = asyncio.run(run()).decode()
    assert [line[4:] for line in heard.splitlines() if line.startswith("id: ")] == [f"{n}-0" for n in range(1, 21)]


@pytest.mark.heavy
def test_connection_that_is_lost_is_taken_up_again_and_nothing_is_missed(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    if feed.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    monkeypatch.setattr(hub_module, "AFTER_ERROR_SECONDS", 0.05)

    def cut() -> None:
        with write(feed.engine) as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )

    async def run() -> bytes:
        hub = FeedHub(feed.engine)
        hearing = asyncio.create_task(hear(hub, 2))
        await listening(hub)
        await asyncio.to_thread(feed.happen)
        await asyncio.to_thread(cut)
        await asyncio.to_thread(feed.happen)
        return await hearing

    assert asyncio.run(run()).count(b"\nevent: ") == 2
