"""A member said something about goods. What it said is read from the document store, where this home holds it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import StatementRecorded
from ledger.index.feed import tell, tell_text
from ledger.index.rows import Key, Rows
from ledger.index.statements import opened_columns, told_lots, write_event
from ledger.index.texts import hex32
from ledger.store.schema import event as told
from ledger.store.schema import statement

OWN_ACCOUNT = bytes(32)  # IStatements: zero where the member's own account sent it


def apply(rows: Rows, event: StatementRecorded, context: Context) -> None:
    commitment = event.commitment.hex()
    opened = context.stored.open(commitment, event.member)
    row = {
        "commitment": commitment,
        "member": event.member,
        "grant_hash": None if event.grant_hash == OWN_ACCOUNT else hex32(event.grant_hash),
        "block": context.block,
        "log_index": context.log_index,
        "tx_hash": context.tx_hash,
        "recorded_at": context.at,
    }
    if opened is None:
        rows.insert_once(statement, row)
        tell(rows, event, context, member=event.member, commitment=commitment)
        return
    rows.insert_once(statement, row | opened_columns(opened))
    tell_text(rows, event, context, member=event.member, **told_lots(opened))
    write_event(rows, opened, context.block, context.log_index)


def touches(event: StatementRecorded, context: Context) -> Iterable[tuple[Table, Key]]:
    opening = context.stored.opening(event.commitment.hex(), event.member)
    return () if opening is None else ((told, (opening.event_hash,)),)
