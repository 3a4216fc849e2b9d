"""A recall ends. The row stays: it was open from one block to another."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import RecallClosed
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import recall


def apply(connection: Connection, event: RecallClosed, context: Context) -> None:
    gtin = f"{event.gtin:014d}"
    move(
        connection,
        recall,
        {"gtin": gtin, "lot": event.lot},
        {"closed_block": context.block, "closed_at": context.at},
        only_if=recall.c.closed_block.is_(None),
    )
    tell(connection, event, context, member=event.member, lot_key=f"{gtin}/{event.lot}")
