"""Reading the feed table: what happened on the chain, in order, with the members each row concerns.

A row's position is `(block, log_index)`; as text `block-log_index`, which is the id of a server-sent event.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from ledger.errors import BadInput
from ledger.store.schema import feed, order

Position = tuple[int, int]

BEGINNING: Position = (-1, -1)

PUBLIC_KINDS = frozenset(
    {
        "statement_recorded",
        "items_committed",
        "recall_opened",
        "recall_closed",
        "grant_revoked",
        "member_admitted",
        "roles_changed",
        "member_suspended",
        "member_reinstated",
        "location_assigned",
        "product_assigned",
    }
)
"""What everybody may hear. All other kinds are about orders, rules and money, and are heard by their parties only."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row. `parties` are the members that may hear it when its kind is not public."""

    position: Position
    kind: str
    member: int | None
    lot_key: str | None
    order_id: str | None
    data: str
    parties: frozenset[int]

    @property
    def lots(self) -> frozenset[str]:
        """Every lot that it is about."""
        return frozenset(json.loads(self.data).get("lots", ())) | ({self.lot_key} if self.lot_key else set())

    @property
    def id(self) -> str:
        return text_of(self.position)


def text_of(position: Position) -> str:
    return f"{position[0]}-{position[1]}"


def position_of(text: str) -> Position:
    """Reads `block-log_index`; BadInput for anything else."""
    if text == text_of(BEGINNING):
        return BEGINNING
    matched = re.fullmatch(r"(\d{1,18})-(\d{1,9})", text, re.ASCII)
    if not matched:
        raise BadInput(
            f"{text[:40]!r} is no position in the feed.",
            where="Last-Event-ID",
            hint="Send the id of the last event received, or none.",
        )
    return int(matched[1]), int(matched[2])


def last_position(connection: Connection) -> Position:
    row = connection.execute(
        select(feed.c.block, feed.c.log_index).order_by(feed.c.block.desc(), feed.c.log_index.desc()).limit(1)
    ).first()
    return (row.block, row.log_index) if row else BEGINNING


def rows_after(
    connection: Connection, after: Position, upto: Position | None = None, limit: int = 500
) -> list[FeedRow]:
    """The rows behind `after` (and not behind `upto`), in order, at most `limit`."""
    place = tuple_(feed.c.block, feed.c.log_index)
    query = (
        select(feed, order.c.merchant, order.c.carrier)
        .select_from(feed.outerjoin(order, feed.c.order_id == order.c.order_id))
        .where(place > tuple_(*after))
        .order_by(feed.c.block, feed.c.log_index)
        .limit(limit)
    )
    if upto is not None:
        query = query.where(place <= tuple_(*upto))
    return [
        FeedRow(
            position=(row.block, row.log_index),
            kind=row.kind,
            member=row.member,
            lot_key=row.lot_key,
            order_id=row.order_id,
            data=row.data,
            parties=frozenset(one for one in (row.member, row.merchant, row.carrier) if one is not None),
        )
        for row in connection.execute(query)
    ]
