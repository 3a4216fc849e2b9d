"""The notifier: makes messages from the feed and delivers those that are due.

At least once: a message is marked delivered after it was; a kill in between delivers it again, under the same id. Each
webhook is sent a few messages at a time, and rests after a failure; the others do not wait for it.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine, func, select

from ledger.errors import SuyuanError
from ledger.notify.attempt import Outcome, attempt, trusted
from ledger.notify.messages import Message, forget_delivered, message_from
from ledger.notify.outcome import record
from ledger.notify.plan import plan
from ledger.notify.signature import headers_of, secret_of
from ledger.notify.webhooks import Webhook, webhook_from
from ledger.store.database import read, write
from ledger.store.schema import webhook, webhook_message

AT_ONCE = 32
AT_ONCE_EACH = 4
SWEEP_SECONDS = 3_600
AFTER_ERROR_SECONDS = 1.0

_log = structlog.get_logger("notify")


@dataclass(frozen=True, slots=True)
class _Due:
    message: Message
    webhook: Webhook


class Notifier:
    """Of one home. `key`: the home's webhook key; `trust`: the authorities whose certificates hold, the system's by
    default. Lives in one event loop."""

    def __init__(self, engine: Engine, key: bytes, *, development: bool, trust: ssl.SSLContext | None = None) -> None:
        self._engine = engine
        self._key = key
        self._development = development
        self._trust = trust or trusted()
        self._woken = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}  # by message
        self._each: Counter[str] = Counter()  # deliveries under way, by webhook
        self._ended: set[str] = set()  # messages whose deliveries ended since the rows were last asked for
        self._swept = 0.0

    def wake(self) -> None:
        """There may be something new. In the loop's thread."""
        self._woken.set()

    async def run(self, look_seconds: float = 1.0) -> None:
        """Until it is cancelled: then what is under way is broken off, and will be sent again."""
        try:
            while True:
                self._woken.clear()
                try:
                    busy = await self.step()
                except SuyuanError as error:
                    _log.error("stopped", error=type(error).__name__, sentence=str(error))
                    await asyncio.sleep(AFTER_ERROR_SECONDS)
                    continue
                if not busy:
                    await self._pause(look_seconds)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def step(self) -> bool:
        """Makes messages, starts what is due; true when more may be waiting to be made."""
        more = await asyncio.to_thread(plan, self._engine, int(time.time()))
        self._ended.clear()
        for due in await asyncio.to_thread(self._due):
            if len(self._running) >= AT_ONCE:
                break
            if due.message.id in self._ended:
                continue  # its delivery ended while the rows were read, which still show it as pending
            if due.message.id in self._running or self._each[due.webhook.id] >= AT_ONCE_EACH:
                continue
            self._each[due.webhook.id] += 1
            self._running[due.message.id] = asyncio.create_task(self._deliver(due))
        return more

    async def settle(self) -> None:
        """Waits until nothing is under way."""
        while self._running:
            await asyncio.gather(*self._running.values())

    # --- parts -------------------------------------------------------------------------------------------------------

    async def _pause(self, look_seconds: float) -> None:
        try:
            async with asyncio.timeout(look_seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def _due(self) -> list[_Due]:
        """What may be sent now, the longest due first; of each webhook no more than it is sent at a time."""
        now = int(time.time())
        if now - self._swept > SWEEP_SECONDS:
            self._swept = now
            with write(self._engine) as connection:
                forget_delivered(connection, now)
        place = func.row_number().over(
            partition_by=webhook_message.c.webhook, order_by=(webhook_message.c.due_at, webhook_message.c.created_at)
        )
        ranked = (
            select(webhook_message, place.label("place"))
            .join(webhook, webhook.c.id == webhook_message.c.webhook)
            .where(
                webhook_message.c.state == "pending",
                webhook_message.c.due_at <= now,
                webhook.c.state == "active",
                webhook.c.not_before <= now,
            )
            .subquery()
        )
        query = select(ranked).where(ranked.c.place <= 2 * AT_ONCE_EACH).order_by(ranked.c.due_at).limit(4 * AT_ONCE)
        with read(self._engine) as connection:
            messages = [message_from(row) for row in connection.execute(query)]
            names = {message.webhook for message in messages}
            rows = connection.execute(select(webhook).where(webhook.c.id.in_(names)))
            webhooks = {found.id: found for found in map(webhook_from, rows)}
        return [_Due(message, webhooks[message.webhook]) for message in messages]

    async def _deliver(self, due: _Due) -> None:
        now, body = int(time.time()), due.message.body.encode()
        secrets = [secret_of(self._key, due.webhook.id, number) for number in due.webhook.secret_numbers(now)]
        headers = headers_of(secrets, due.message.id, now, body)
        try:
            outcome = await attempt(due.webhook.url, headers, body, trust=self._trust, development=self._development)
            state = await asyncio.to_thread(self._record, due, outcome)
            _log.info(
                "delivered" if outcome.delivered else "not_delivered",
                webhook=due.webhook.id,
                message=due.message.id,
                attempt=due.message.attempts + 1,
                status=outcome.status,
                why=outcome.error,
                state=state,
            )
        except SuyuanError as error:  # not written down: it is sent again
            _log.error("outcome_not_kept", message=due.message.id, sentence=str(error))
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        finally:
            del self._running[due.message.id]
            self._ended.add(due.message.id)
            self._each[due.webhook.id] -= 1
            self.wake()

    def _record(self, due: _Due, outcome: Outcome) -> str:
        with write(self._engine) as connection:
            return record(connection, due.webhook, due.message, outcome, int(time.time()))
