"""A lot is called back, by the owner of its GTIN or a regulator."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import RecallOpened
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.store.schema import recall


def apply(rows: Rows, event: RecallOpened, context: Context) -> None:
    gtin = f"{event.gtin:014d}"
    row = {
        "gtin": gtin,
        "lot": event.lot,
        "opened_block": context.block,
        "opened_log_index": context.log_index,
        "member": event.member,
        "reason": event.reason,
        "tx_hash": context.tx_hash,
        "opened_at": context.at,
    }
    rows.insert_once(recall, row)
    tell(rows, event, context, member=event.member, lot_key=f"{gtin}/{event.lot}", reason=event.reason)
