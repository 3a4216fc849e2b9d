"""What an attempt changes: the message's row, and the webhook's when it must rest or end."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, update

from ledger.notify.attempt import GONE, Outcome
from ledger.notify.messages import Message
from ledger.notify.schedule import DISABLE_AFTER, REST_SECONDS, delay_after
from ledger.notify.webhooks import Webhook, disable
from ledger.store.schema import webhook, webhook_message

THROTTLED: Final = frozenset({429, 502, 503, 504})


def record(connection: Connection, told: Webhook, message: Message, outcome: Outcome, now: int) -> str:
    """Writes it down and returns the message's new state."""
    attempts = message.attempts + 1
    delay = None if outcome.delivered else delay_after(attempts, outcome.asked)
    state = "delivered" if outcome.delivered else "dead" if delay is None or outcome.status == GONE else "pending"
    connection.execute(
        update(webhook_message)
        .where(webhook_message.c.id == message.id, webhook_message.c.state == "pending")
        .values(
            state=state,
            attempts=attempts,
            due_at=now + (delay or 0),
            last_at=now,
            last_status=outcome.status,
            last_error=outcome.error,
        )
    )
    changes: dict[str, Any] = {"failing_since": None}
    if not outcome.delivered:
        rest = delay or REST_SECONDS if outcome.status in THROTTLED else min(delay or REST_SECONDS, REST_SECONDS)
        changes = {"failing_since": told.failing_since or now, "not_before": now + rest}
    if changes != {"failing_since": told.failing_since}:
        connection.execute(update(webhook).where(webhook.c.id == told.id).values(**changes))
    if outcome.status == GONE:
        disable(connection, told.id, "Its receiver answered 410 Gone: it wants no more.")
    elif state == "dead" and now - (told.failing_since or now) >= DISABLE_AFTER:
        disable(connection, told.id, "Nothing was taken for days. Enable it once its receiver is back.")
    return state
