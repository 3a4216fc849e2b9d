"""Turns decoded logs into rows, in chain order, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection

from ledger.chain.client import BlockHeader
from ledger.errors import BrokenEvidence
from ledger.index.context import Context
from ledger.index.decode import Log
from ledger.index.handlers import apply
from ledger.index.rows import Rows
from ledger.index.stored_events import StoredEvents
from ledger.store.schema import block, entry, feed, item, payout, rule_leg

APPENDED = (block, entry, feed, item, payout, rule_leg)
"""Rows of these are made by one log and never changed by another."""


class Stopped(Exception):
    """Asked to stop between two logs; the caller's transaction rolls back."""


def never() -> bool:
    return False


def project(
    connection: Connection,
    logs: Iterable[Log],
    headers: Mapping[int, BlockHeader],
    stored: StoredEvents,
    stop: Callable[[], bool] = never,
) -> None:
    """Writes the rows of these logs. BrokenEvidence names the log that cannot be true; Stopped when `stop` says so."""
    rows = Rows(connection, appended=APPENDED)
    known_block = -1
    for log in logs:
        if stop():
            raise Stopped
        header = headers[log.block]
        if log.block != known_block:
            row = {"number": header.number, "hash": header.hash, "timestamp": header.timestamp}
            rows.insert_once(block, row)
            known_block = log.block
        context = Context(log.block, log.log_index, log.tx_hash, header.timestamp, stored)
        try:
            apply(rows, log.event, context)
        except BrokenEvidence as error:
            place = f"block {log.block}, log {log.log_index}, {type(log.event).__name__}"
            raise BrokenEvidence(
                f"{error.what} (at {place})", where=error.where, hint=error.hint, **error.values
            ) from error
    rows.flush()
