"""An escrow contract mints no more; it pays out what it holds."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import EscrowRetired
from ledger.index.rows import Rows
from ledger.store.schema import escrow_contract


def apply(rows: Rows, event: EscrowRetired, context: Context) -> None:
    rows.put(escrow_contract, {"address": event.escrow, "admitted": False, "block": context.block})
    administer(rows, event, context, subject=event.escrow, escrow=event.escrow)
