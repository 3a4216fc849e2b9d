"""The founding is over, or one Council gives way to another: who decides from now on."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import GovernanceHandedOver
from ledger.index.rows import Rows


def apply(rows: Rows, event: GovernanceHandedOver, context: Context) -> None:
    administer(rows, event, context, subject=event.to, to=event.to, former=event.from_)
