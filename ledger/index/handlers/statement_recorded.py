"""A member said something about goods. What it said is read from the document store, where this home holds it."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import StatementRecorded
from ledger.index.feed import tell
from ledger.index.rows import hex32, insert_once
from ledger.index.statements import open_statement
from ledger.store.schema import statement

OWN_ACCOUNT = bytes(32)  # IStatements: zero where the member's own account sent it


def apply(connection: Connection, event: StatementRecorded, context: Context) -> None:
    commitment = event.commitment.hex()
    row = {
        "commitment": commitment,
        "member": event.member,
        "grant_hash": None if event.grant_hash == OWN_ACCOUNT else hex32(event.grant_hash),
        "block": context.block,
        "log_index": context.log_index,
        "tx_hash": context.tx_hash,
        "recorded_at": context.at,
    }
    insert_once(connection, statement, row)
    tell(connection, event, context, member=event.member, commitment=commitment)
    open_statement(connection, context.stored, commitment, event.member)
