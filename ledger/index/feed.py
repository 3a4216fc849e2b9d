"""The feed: one row a log that a person cares for, in chain order, for those who listen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from ledger.index.context import Context
from ledger.index.events import ChainEvent
from ledger.index.logs import Logs
from ledger.index.names import snake_case
from ledger.index.rows import Rows
from ledger.index.texts import json_text, json_texts
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


def tell_all(
    rows: Rows,
    logs: Logs[Any],
    *,
    member: Iterable[int | None],
    order_id: Iterable[str | None] = repeat(None),
    **data: Sequence[Any],
) -> None:
    """As `tell`, for all logs of an event; `data` in columns of numbers and texts."""
    kind = repeat(logs.kind)
    rows.append_columns(feed, logs.block, logs.log_index, kind, member, repeat(None), order_id, json_texts(data))


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
