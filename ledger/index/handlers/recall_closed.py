"""A recall ends. The row stays: it was open from one block to another."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import RecallClosed
from ledger.index.feed import tell
from ledger.index.rows import Rows, never_told
from ledger.store.schema import recall


def apply(rows: Rows, event: RecallClosed, context: Context) -> None:
    gtin = f"{event.gtin:014d}"
    # The lot may have been recalled again since: seen a second time, this event must not close that.
    now = (context.block, context.log_index)
    recalls = rows.find(recall, recall.c.gtin == gtin, recall.c.lot == event.lot)
    if not recalls:
        raise never_told(recall, gtin, event.lot)
    for row in recalls:
        if row["closed_block"] is None and (row["opened_block"], row["opened_log_index"]) < now:
            rows.put(recall, {**row, "closed_block": context.block, "closed_at": context.at})
    tell(rows, event, context, member=event.member, lot_key=f"{gtin}/{event.lot}")
