"""A GTIN belongs to a member. A product may pass to another: the last assignment holds."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ProductAssigned
from ledger.index.rows import Rows
from ledger.store.schema import product


def apply(rows: Rows, event: ProductAssigned, context: Context) -> None:
    gtin = f"{event.gtin:014d}"
    rows.put(product, {"gtin": gtin, "member": event.member, "name": event.name, "block": context.block})
    administer(rows, event, context, member=event.member, subject=gtin, gtin=gtin, name=event.name)
