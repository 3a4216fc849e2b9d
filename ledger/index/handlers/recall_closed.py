"""A recall ends. The row stays: it was open from one block to another."""

from __future__ import annotations

from sqlalchemy import Connection, and_, tuple_

from ledger.index.context import Context
from ledger.index.events import RecallClosed
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import recall


def apply(connection: Connection, event: RecallClosed, context: Context) -> None:
    gtin = f"{event.gtin:014d}"
    # The lot may have been recalled again since: seen a second time, this event must not close that.
    opened = tuple_(recall.c.opened_block, recall.c.opened_log_index)
    move(
        connection,
        recall,
        {"gtin": gtin, "lot": event.lot},
        {"closed_block": context.block, "closed_at": context.at},
        only_if=and_(recall.c.closed_block.is_(None), opened < (context.block, context.log_index)),
    )
    tell(connection, event, context, member=event.member, lot_key=f"{gtin}/{event.lot}")
