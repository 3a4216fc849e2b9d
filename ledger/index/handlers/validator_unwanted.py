"""The consortium wants this validator no more."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ValidatorUnwanted
from ledger.index.rows import Rows
from ledger.store.schema import validator


def apply(rows: Rows, event: ValidatorUnwanted, context: Context) -> None:
    row = {"validator": event.validator, "member": event.member, "wanted": False, "block": context.block}
    rows.put(validator, row)
    administer(rows, event, context, member=event.member, subject=event.validator, validator=event.validator)
