"""The administration table: one row an administrative act, which is a line on the public page, and told in the feed."""

from __future__ import annotations

from typing import Any

from ledger.index.context import Context
from ledger.index.events import ChainEvent
from ledger.index.feed import tell
from ledger.index.names import snake_case
from ledger.index.rows import Rows
from ledger.index.texts import json_text
from ledger.store.schema import administration


def administer(
    rows: Rows,
    event: ChainEvent,
    context: Context,
    *,
    member: int | None = None,
    actor: int | None = None,
    subject: str | None = None,
    **data: Any,
) -> None:
    """`member` is whom it concerns most, `actor` the member that did it (none: the governor, or anybody), `subject` what
    it is about in one word (an address, a number, a name), `data` the event's values by name."""
    row = {
        "block": context.block,
        "log_index": context.log_index,
        "tx_hash": context.tx_hash,
        "at": context.at,
        "act": snake_case(type(event).__name__),
        "member": member,
        "actor": actor,
        "subject": subject,
        "data": json_text({name: value for name, value in data.items() if value is not None}),
    }
    rows.insert_once(administration, row)
    tell(rows, event, context, member=member, **data)
