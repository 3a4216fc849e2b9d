"""A GLN belongs to a member. A location may pass to another: the last assignment holds."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import LocationAssigned
from ledger.index.rows import Rows
from ledger.store.schema import location


def apply(rows: Rows, event: LocationAssigned, context: Context) -> None:
    gln = f"{event.gln:013d}"
    rows.put(location, {"gln": gln, "member": event.member, "name": event.name, "block": context.block})
    administer(rows, event, context, member=event.member, subject=gln, gln=gln, name=event.name)
