"""Builders: rows of the feed, webhooks, and a notifier that is stepped by hand."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, update

from ledger.notify.feed import Position
from ledger.notify.interest import Interest
from ledger.notify.messages import Message, dead_letters, message_from
from ledger.notify.notifier import Notifier
from ledger.notify.signature import secret_of, shown
from ledger.notify.webhooks import Webhook, register, webhook_of, webhooks_of
from ledger.store.database import read, write
from ledger.store.schema import feed, webhook, webhook_message
from ledger.store.wake import write_and_wake

KEY = bytes(range(32))
MEMBER = 7


@dataclass
class Feed:
    """A feed and its webhooks. Each happening is a block."""

    engine: Engine
    block: int = 0

    def happen(self, kind: str = "recall_opened", *, member: int = 1, lot: str | None = None, **data: Any) -> str:
        """Returns its place."""
        self.block += 1
        row = {"block": self.block, "log_index": 0, "kind": kind, "member": member, "lot_key": lot}
        with write_and_wake(self.engine) as connection:
            connection.execute(feed.insert(), {**row, "data": json.dumps(data)})
        return f"{self.block}-0"

    def register(
        self, url: str, interest: Interest | None = None, *, member: int = MEMBER, after: Position | None = None
    ) -> Webhook:
        wanted = interest or Interest(listener=member)
        with write(self.engine) as connection:
            return register(connection, member, url, wanted, now=int(time.time()), development=True, after=after)

    def webhook(self, identity: str) -> Webhook:
        with read(self.engine) as connection:
            return webhook_of(connection, None, identity)

    def messages(self) -> list[Message]:
        with read(self.engine) as connection:
            rows = connection.execute(select(webhook_message).order_by(webhook_message.c.position))
            return [message_from(row) for row in rows]

    def dead(self) -> list[Message]:
        with read(self.engine) as connection:
            return dead_letters(connection, [one.id for one in webhooks_of(connection, None)])

    def let_time_pass(self) -> None:
        """Everything that waits is due, and every webhook rested."""
        with write(self.engine) as connection:
            connection.execute(update(webhook_message).values(due_at=0))
            connection.execute(update(webhook).values(not_before=0))

    def change(self, identity: str, **values: Any) -> None:
        with write(self.engine) as connection:
            connection.execute(update(webhook).where(webhook.c.id == identity).values(**values))


def secret(one: Webhook) -> str:
    """As its receiver keeps it."""
    return shown(secret_of(KEY, one.id, one.secret_number))


def deliver(feed: Feed, trust: ssl.SSLContext, *, rounds: int = 1, development: bool = True) -> None:
    """Makes and delivers what is due, that many times, with all the time that it takes in between."""

    async def run() -> None:
        notifier = Notifier(feed.engine, KEY, development=development, trust=trust)
        for _ in range(rounds):
            while await notifier.step():
                pass
            await notifier.settle()
            feed.let_time_pass()

    asyncio.run(run())
