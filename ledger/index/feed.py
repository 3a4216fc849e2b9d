"""The feed: one row a log that a person cares for, in chain order, for those who listen."""

from __future__ import annotations

from typing import Any

from ledger.index.context import Context
from ledger.index.events import ChainEvent
from ledger.index.names import snake_case
from ledger.index.rows import Rows
from ledger.index.texts import json_text
from ledger.store.schema import feed


def tell(
    rows: Rows,
    event: ChainEvent,
    context: Context,
    *,
    member: int | None,
    lot_key: str | None = None,
    order_id: str | None = None,
    **data: Any,
) -> None:
    """`member` is the party it concerns most; `kind` is the event's name in snake case; `data` is JSON by name."""
    text = json_text({name: value for name, value in data.items() if value is not None})
    tell_text(rows, event, context, member=member, lot_key=lot_key, order_id=order_id, data=text)


def tell_text(
    rows: Rows,
    event: ChainEvent,
    context: Context,
    *,
    member: int | None,
    lot_key: str | None,
    data: str,
    order_id: str | None = None,
) -> None:
    """As `tell`, with the JSON as it is to stand."""
    kind = snake_case(type(event).__name__)
    rows.append(feed, (context.block, context.log_index, kind, member, lot_key, order_id, data))
