"""Compares logs that were read with those that a block proves, and says the first that differs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from ledger.chain.client import RawLog


def first_difference(block: int, proven: Sequence[RawLog], read: Sequence[RawLog]) -> str | None:
    """A sentence on the first log, in the block's order, that is not the same in both; None when all are."""
    for expected, found in zip_longest(sorted(proven, key=_place), sorted(read, key=_place)):
        if expected is None or (found is not None and _place(found) < _place(expected)):
            return f"Log {_place(found)} of block {block} (transaction {found.transaction_hash}) was read, and its receipts hold no such log of ours."
        if found is None or _place(expected) < _place(found):
            return f"Log {_place(expected)} of block {block} (transaction {expected.transaction_hash}) stands in its receipts and was left out."
        if _content(expected) != _content(found):
            return f"Log {_place(expected)} of block {block} (transaction {expected.transaction_hash}) is another in its receipts than what was read."
    return None


def _place(log: RawLog) -> int:
    return int(log.log_index, 16)


def _content(log: RawLog) -> tuple[object, ...]:
    topics = tuple(topic.lower() for topic in log.topics)
    return log.address.lower(), topics, log.data.lower(), log.block_hash.lower(), log.transaction_hash.lower()
