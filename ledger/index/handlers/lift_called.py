"""A seat asks to lift a stop; enough seats together lift it."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import LiftCalled
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import emergency_call


def apply(rows: Rows, event: LiftCalled, context: Context) -> None:
    selector = hex32(event.selector)
    row = {
        "target": event.target,
        "selector": selector,
        "member": event.member,
        "lift": True,
        "at": context.at,
        "block": context.block,
    }
    rows.put(emergency_call, row)
    administer(
        rows,
        event,
        context,
        member=event.member,
        actor=event.member,
        subject=event.target,
        target=event.target,
        selector=selector,
    )
