"""A function of a contract is out of use until a time."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import FunctionStopped
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import function_stop


def apply(rows: Rows, event: FunctionStopped, context: Context) -> None:
    selector = hex32(event.selector)
    row = {"target": event.target, "selector": selector, "until": event.until, "reason": event.reason, "lifted": False}
    rows.put(function_stop, {**row, "block": context.block})
    administer(
        rows,
        event,
        context,
        subject=event.target,
        target=event.target,
        selector=selector,
        until=event.until,
        reason=event.reason,
    )
