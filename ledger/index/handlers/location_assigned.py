"""A GLN belongs to a member. A location may pass to another: the last assignment holds."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import LocationAssigned
from ledger.index.feed import tell
from ledger.index.rows import put
from ledger.store.schema import location


def apply(connection: Connection, event: LocationAssigned, context: Context) -> None:
    gln = f"{event.gln:013d}"
    put(connection, location, {"gln": gln, "member": event.member, "name": event.name, "block": context.block})
    tell(connection, event, context, member=event.member, gln=gln, name=event.name)
