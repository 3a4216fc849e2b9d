"""From the feed to messages: each webhook's place moves in the transaction that makes its messages.

A kill at any moment leaves both or neither. Where a webhook's receiver is slow or down, its messages stop at
MOST_PENDING and its place waits: the feed keeps what was not told yet.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Engine, and_, func, select, update

from ledger.notify.feed import Page, Position, page_after
from ledger.notify.messages import message_row
from ledger.notify.webhooks import Webhook, webhook_from
from ledger.store.database import read, write
from ledger.store.schema import webhook, webhook_message

MOST_PENDING = 1_000
PAGE_ROWS = 500


def plan(engine: Engine, now: int) -> bool:
    """Makes the messages of a page for each active webhook with room; true when more may be waiting."""
    with read(engine) as connection:
        active = [webhook_from(row) for row in connection.execute(select(webhook).where(webhook.c.state == "active"))]
        counted = connection.execute(
            select(webhook_message.c.webhook, func.count().label("waiting"))
            .where(webhook_message.c.state == "pending")
            .group_by(webhook_message.c.webhook)
        )
        pending = {row.webhook: row.waiting for row in counted}
    together: dict[Position, list[Webhook]] = defaultdict(list)
    for one in active:
        if pending.get(one.id, 0) < MOST_PENDING:
            together[one.position].append(one)
    more = False
    for position, webhooks in together.items():  # most stand at one place: it is read once
        page = page_after(engine, position, PAGE_ROWS)
        if page.at != position:
            _make(engine, position, page, webhooks, now)
            more |= len(page.rows) >= PAGE_ROWS
    return more


def _make(engine: Engine, position: Position, page: Page, webhooks: list[Webhook], now: int) -> None:
    rows = [message_row(one, row, now) for one in webhooks for row in page.rows if one.interest.covers(row)]
    with write(engine) as connection:
        still_here = and_(
            *(webhook.c[name] == value for name, value in position._asdict().items()),
            webhook.c.id.in_([one.id for one in webhooks]),
        )
        # Another notifier may have been quicker, or somebody has removed one: only whoever still stands here is told.
        here = set(connection.execute(select(webhook.c.id).where(still_here).with_for_update()).scalars())
        new = [row for row in rows if row["webhook"] in here]
        if new:
            connection.execute(webhook_message.insert(), new)
        connection.execute(update(webhook).where(still_here).values(**page.at._asdict()))
