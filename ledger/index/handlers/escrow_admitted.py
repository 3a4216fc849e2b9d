"""An escrow contract may mint and release credit."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import EscrowAdmitted
from ledger.index.rows import Rows
from ledger.store.schema import escrow_contract


def apply(rows: Rows, event: EscrowAdmitted, context: Context) -> None:
    rows.put(escrow_contract, {"address": event.escrow, "admitted": True, "block": context.block})
    administer(rows, event, context, subject=event.escrow, escrow=event.escrow)
