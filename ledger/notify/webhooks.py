"""Webhooks: a member registers where it wants to be told, and of what. Rows only; `notifier` does the telling.

All functions work in the caller's transaction and speak of one member's webhooks: another's is NotFound.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, select, update

from ledger.errors import Conflict, NotFound
from ledger.notify.feed import Position, last_position
from ledger.notify.interest import Interest
from ledger.notify.schedule import DAY
from ledger.notify.target import read_target
from ledger.store.schema import webhook, webhook_message

MOST_WEBHOOKS = 20
OLD_SECRET_SECONDS = DAY


@dataclass(frozen=True, slots=True)
class Webhook:
    """One registered webhook. `position`: up to where in the feed its messages were made. Times are Unix seconds."""

    id: str
    member: int
    url: str
    interest: Interest
    state: str
    reason: str | None
    secret_number: int
    old_secret_until: int | None
    position: Position
    not_before: int
    failing_since: int | None
    created_at: int

    @property
    def active(self) -> bool:
        return self.state == "active"

    def secret_numbers(self, now: int) -> tuple[int, ...]:
        """The numbers of the secrets that sign now, the newest first."""
        both = self.old_secret_until is not None and now < self.old_secret_until
        return (self.secret_number, self.secret_number - 1) if both else (self.secret_number,)


def register(
    connection: Connection,
    member: int,
    url: str,
    interest: Interest,
    *,
    now: int,
    development: bool,
    after: Position | None = None,
) -> Webhook:
    """A new webhook, told of what comes behind `after`, or from now on. BadInput for a URL that cannot be a target;
    Conflict when the member has as many as it may."""
    read_target(url, development=development)
    count = connection.execute(select(func.count()).select_from(webhook).where(webhook.c.member == member)).scalar_one()
    if count >= MOST_WEBHOOKS:
        raise Conflict(f"There are {count} webhooks already.", hint="Remove one first.")
    position = after or last_position(connection)
    identity = f"wh_{secrets.token_hex(12)}"
    connection.execute(
        webhook.insert(),
        {
            "id": identity,
            "member": member,
            "url": url,
            "kinds": json.dumps(sorted(interest.kinds)),
            "party": interest.party,
            "lot": interest.lot,
            "state": "active",
            "secret_number": 1,
            **position._asdict(),
            "not_before": 0,
            "created_at": now,
        },
    )
    return webhook_of(connection, member, identity)


def webhooks_of(connection: Connection, member: int | None) -> list[Webhook]:
    """The member's, the oldest first; everybody's for None."""
    query = select(webhook).order_by(webhook.c.created_at, webhook.c.id)
    if member is not None:
        query = query.where(webhook.c.member == member)
    return [webhook_from(row) for row in connection.execute(query)]


def webhook_of(connection: Connection, member: int | None, identity: str) -> Webhook:
    """NotFound for one that is not there, or another member's; `member` None: the operator, who sees all."""
    row = connection.execute(select(webhook).where(webhook.c.id == identity)).one_or_none()
    if row is None or (member is not None and row.member != member):
        raise NotFound(f"There is no webhook {identity!r}.", hint="See GET /webhooks, or `suyuan webhooks list`.")
    return webhook_from(row)


def remove(connection: Connection, member: int | None, identity: str) -> None:
    """With its messages, those that were not delivered included."""
    found = webhook_of(connection, member, identity)
    connection.execute(delete(webhook_message).where(webhook_message.c.webhook == found.id))
    connection.execute(delete(webhook).where(webhook.c.id == found.id))


def rotate(connection: Connection, member: int | None, identity: str, *, now: int) -> Webhook:
    """A new secret; for a day the old one signs too."""
    found = webhook_of(connection, member, identity)
    values = {"secret_number": found.secret_number + 1, "old_secret_until": now + OLD_SECRET_SECONDS}
    connection.execute(update(webhook).where(webhook.c.id == found.id).values(**values))
    return webhook_of(connection, member, identity)


def enable(connection: Connection, member: int | None, identity: str) -> Webhook:
    """Goes on where it stopped: what happened meanwhile is told. A repeat changes nothing."""
    found = webhook_of(connection, member, identity)
    values = {"state": "active", "reason": None, "not_before": 0, "failing_since": None}
    connection.execute(update(webhook).where(webhook.c.id == found.id).values(**values))
    return webhook_of(connection, member, identity)


def disable(connection: Connection, identity: str, reason: str) -> None:
    """Nothing is sent to it any more until somebody enables it."""
    connection.execute(update(webhook).where(webhook.c.id == identity).values(state="disabled", reason=reason))


def webhook_from(row: Row[tuple[object, ...]]) -> Webhook:
    values = row._mapping
    kinds = frozenset(json.loads(values["kinds"]))
    return Webhook(
        interest=Interest(kinds, values["party"], values["lot"], listener=values["member"]),
        position=Position(values["block"], values["log_index"], values["turn"]),
        **{
            name: values[name]
            for name in (
                "id", "member", "url", "state", "reason", "secret_number", "old_secret_until", "not_before",
                "failing_since", "created_at",
            )
        },
    )  # fmt: skip
