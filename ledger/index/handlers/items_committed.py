"""The serials of a lot stand under one Merkle root; the manifest that lists them lies in the document store."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import ItemsCommitted
from ledger.index.feed import tell
from ledger.index.items import fill_items
from ledger.index.rows import Rows
from ledger.store.schema import items_committed


def apply(rows: Rows, event: ItemsCommitted, context: Context) -> None:
    gtin, root = f"{event.gtin:014d}", event.root.hex()
    row = {
        "root": root,
        "gtin": gtin,
        "lot": event.lot,
        "member": event.member,
        "count": event.count,
        "manifest": event.manifest.hex(),
        "block": context.block,
        "log_index": context.log_index,
        "tx_hash": context.tx_hash,
        "committed_at": context.at,
    }
    rows.insert_once(items_committed, row)
    fill_items(rows, context.stored.documents, root)
    tell(rows, event, context, member=event.member, lot_key=f"{gtin}/{event.lot}", root=root, count=event.count)
