"""A contract of the ledger stands at another address from now on; what it was before stays readable."""

from __future__ import annotations

from ledger.index.administration import administer
from ledger.index.context import Context
from ledger.index.events import ContractPointed
from ledger.index.rows import Rows
from ledger.store.schema import contract_pointer


def apply(rows: Rows, event: ContractPointed, context: Context) -> None:
    name = event.name.rstrip(b"\0").decode("utf-8", "backslashreplace").replace("\0", "")
    for row in rows.find(contract_pointer, contract_pointer.c.name == name, contract_pointer.c.current):
        rows.put(contract_pointer, {**row, "current": False})
    rows.put(contract_pointer, {"name": name, "address": event.at, "current": True, "block": context.block})
    administer(rows, event, context, subject=name, name=name, address=event.at, former=event.former)
