"""Several faults as one error: nothing was done, and each is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from ledger.errors import BadDocument, BadInput, Conflict, SuyuanError


def raise_faults(faults: Sequence[SuyuanError], of_what: str, outcome: str) -> NoReturn:
    """One fault as itself; several as a Conflict when each is one, else as a BadDocument that lists them."""
    if len(faults) == 1:
        raise faults[0]
    summary = f"{len(faults)} of the {of_what} are refused; {outcome}."
    if all(isinstance(fault, Conflict) for fault in faults):
        raise Conflict(" ".join([summary, *(str(fault) for fault in faults)]))
    raise BadDocument(summary, [_as_input(fault) for fault in faults])


def _as_input(fault: SuyuanError) -> BadInput:
    if isinstance(fault, BadInput):
        return fault
    return BadInput(fault.what, where=fault.where, hint=fault.hint, **fault.values)
