"""Who assigns GLNs and GTINs day by day from now on."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import RegistrarSet
from ledger.index.rows import Rows


def apply(rows: Rows, event: RegistrarSet, context: Context) -> None:
    administer(rows, event, context, subject=event.registrar, registrar=event.registrar)
