"""A seat asks for an emergency stop of a function; enough seats together stop it."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import StopCalled
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import emergency_call


def apply(rows: Rows, event: StopCalled, context: Context) -> None:
    selector = hex32(event.selector)
    row = {
        "target": event.target,
        "selector": selector,
        "member": event.member,
        "lift": False,
        "duration": event.duration,
        "reason": event.reason,
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
        duration=event.duration,
        reason=event.reason,
    )
