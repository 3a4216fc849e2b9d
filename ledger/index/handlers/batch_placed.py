"""A merchant places a batch of orders; nothing is paid yet, and its orders have no rows."""

from __future__ import annotations

from ledger.index.batches import names_of
from ledger.index.context import Context
from ledger.index.events import BatchPlaced
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import batch


def apply(rows: Rows, event: BatchPlaced, context: Context) -> None:
    batch_id = hex32(event.batch)
    row = {
        "batch_id": batch_id,
        "merchant": event.merchant,
        "rule": event.rule,
        "carrier": event.carrier,
        "count": event.count,
        "width": event.width,
        "total_fen": event.total_fen,
        "manifest": event.manifest.hex(),
        "amounts_root": hex32(event.amounts_root),
        "state": "placed",
        "placed_block": context.block,
        "placed_at": context.at,
    }
    rows.insert_once(batch, {**row, **names_of(context.stored.documents, row).columns})
    tell(
        rows,
        event,
        context,
        member=event.merchant,
        batch=batch_id,
        carrier=event.carrier,
        count=event.count,
        total_fen=event.total_fen,
    )
