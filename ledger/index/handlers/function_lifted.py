"""A stop ended before its time."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import FunctionLifted
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import function_stop


def apply(rows: Rows, event: FunctionLifted, context: Context) -> None:
    selector = hex32(event.selector)
    rows.move(function_stop, {"target": event.target, "selector": selector}, {"lifted": True})
    administer(rows, event, context, subject=event.target, target=event.target, selector=selector)
