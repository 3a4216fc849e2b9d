"""The consortium wants a validator of this member."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ValidatorWanted
from ledger.index.rows import Rows
from ledger.store.schema import validator


def apply(rows: Rows, event: ValidatorWanted, context: Context) -> None:
    row = {"validator": event.validator, "member": event.member, "wanted": True, "block": context.block}
    rows.put(validator, row)
    administer(rows, event, context, member=event.member, subject=event.validator, validator=event.validator)
