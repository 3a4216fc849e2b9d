"""How the consortium decides from now on."""

from __future__ import annotations

from dataclasses import asdict

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ConstitutionChanged
from ledger.index.rows import Rows
from ledger.store.schema import constitution


def apply(rows: Rows, event: ConstitutionChanged, context: Context) -> None:
    made = asdict(event)
    rows.insert_once(constitution, {"block": context.block, "log_index": context.log_index, **made})
    administer(rows, event, context, **made)
