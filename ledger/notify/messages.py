"""What webhooks are told: each message is a row, made from the feed once and kept until it is delivered or dead."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, select, update

from ledger.errors import NotFound
from ledger.notify.feed import FeedRow
from ledger.notify.schedule import DAY, iso
from ledger.notify.webhooks import Webhook, webhook_of
from ledger.store.schema import webhook_message

KEPT_SECONDS = 7 * DAY
"""How long one that was delivered stays on record."""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `state`: pending, delivered or dead; `last_*`: its last attempt, None before the first."""

    id: str
    webhook: str
    position: str
    kind: str
    body: str
    state: str
    attempts: int
    due_at: int
    created_at: int
    last_at: int | None
    last_status: int | None
    last_error: str | None


def message_id(webhook: str, position: str) -> str:
    """The same for the same webhook and place, however often it is made: its receiver's key against repeats."""
    digest = hashlib.sha256(f"{webhook}/{position}".encode()).digest()[:20]
    return "msg_" + base64.b32encode(digest).decode("ascii").lower()


def message_row(told: Webhook, row: FeedRow, now: int) -> Mapping[str, object]:
    """The values of a new message. `type`, `timestamp` and `data` are those of Standard Webhooks, "Payload structure"."""
    body = {
        "type": row.kind,
        "timestamp": iso(row.at or now),
        "data": {**row.told(told.interest.listener), "position": row.id},
    }
    return {
        "id": message_id(told.id, row.id),
        "webhook": told.id,
        "position": row.id,
        "kind": row.kind,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "state": "pending",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }


def dead_letters(connection: Connection, webhooks: Collection[str], limit: int = _PAGE) -> list[Message]:
    """Those of these webhooks that nobody took, the newest first."""
    query = (
        select(webhook_message)
        .where(webhook_message.c.webhook.in_(webhooks), webhook_message.c.state == "dead")
        .order_by(webhook_message.c.last_at.desc(), webhook_message.c.id)
        .limit(limit)
    )
    return [message_from(row) for row in connection.execute(query)]


def counts_of(connection: Connection, webhooks: Collection[str]) -> dict[str, dict[str, int]]:
    """By webhook: how many messages stand in each state."""
    query = (
        select(webhook_message.c.webhook, webhook_message.c.state, func.count())
        .where(webhook_message.c.webhook.in_(webhooks))
        .group_by(webhook_message.c.webhook, webhook_message.c.state)
    )
    counts: dict[str, dict[str, int]] = {one: {} for one in webhooks}
    for identity, state, count in connection.execute(query):
        counts[identity][state] = count
    return counts


def replay(
    connection: Connection, member: int | None, identity: str, *, now: int, messages: Collection[str] | None = None
) -> int:
    """Dead letters are due again at once, with all their attempts; which ones, or all. Returns their number.

    NotFound when one of them is no dead letter of this webhook: then none is.
    """
    found = webhook_of(connection, member, identity)
    dead = set(
        connection.execute(
            select(webhook_message.c.id)
            .where(webhook_message.c.webhook == found.id, webhook_message.c.state == "dead")
            .with_for_update()
        ).scalars()
    )
    these = dead if messages is None else set(messages)
    if strangers := these - dead:
        raise NotFound(
            f"{min(strangers)} is no dead letter of {identity}; none was replayed.",
            hint="See GET /webhooks/{id}/dead, or `suyuan webhooks dead`.",
        )
    again = {"state": "pending", "attempts": 0, "due_at": now}
    connection.execute(update(webhook_message).where(webhook_message.c.id.in_(these)).values(**again))
    return len(these)


def forget_delivered(connection: Connection, now: int) -> None:
    """Those whose time on record is over."""
    old = webhook_message.c.last_at < now - KEPT_SECONDS
    connection.execute(delete(webhook_message).where(webhook_message.c.state == "delivered", old))


def message_from(row: Row[tuple[object, ...]]) -> Message:
    values = row._mapping
    return Message(**{name: values[name] for name in Message.__dataclass_fields__})
