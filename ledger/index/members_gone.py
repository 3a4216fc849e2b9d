"""What ends with a membership, without an event of its own."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.rows import Rows
from ledger.store.schema import validator


def no_validator_of(rows: Rows, member: int, context: Context) -> None:
    """The validators contract leaves out a member that is gone (IValidators.wanted)."""
    for row in rows.find(validator, validator.c.member == member, validator.c.wanted):
        rows.put(validator, {**row, "wanted": False, "block": context.block})
