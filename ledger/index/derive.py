"""Derived rows: what handlers make of raw rows, log by log in the order of the chain.

It makes no difference where the raw rows come from: out of the window that is about to be written, or read again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from ledger.errors import BrokenEvidence
from ledger.index.decode import RawBatch
from ledger.index.logs import Logs
from ledger.index.plan import BlockRow, Handler, Plan
from ledger.index.rows import BeforeImages, Key, Rows

Told = tuple[int, Handler, Callable[[Rows, Any, Any], None], Any, bytes]
"""(block << 32 | log index, handler, its `apply`, event, transaction)"""

BLOCK_BITS = 32
KEYS_AT_ONCE = 100_000
"""A log may ask for thousands of rows: those of a window are read in parts of so many."""


class Stopped(Exception):
    """Asked to stop between two logs; the caller's transaction rolls back."""


def never() -> bool:
    return False


def derive(
    rows: Rows,
    plan: Plan,
    batches: Sequence[RawBatch],
    blocks: Mapping[int, BlockRow],
    *,
    stop: Callable[[], bool] = never,
    images_above: int | None = None,
) -> dict[int, BeforeImages]:
    """Hands each log to its handler. Rows are not flushed yet, but for those that became too many to hold.

    What blocks above `images_above` changed, as it was before each: for the journal. BrokenEvidence names the log that
    cannot be true; Stopped when `stop` says so.
    """
    for batch in batches:
        _append(rows, batch, blocks)
    told = sorted((each for batch in batches for each in _told(batch)), key=itemgetter(0))
    contexts = [
        plan.context(key >> BLOCK_BITS, key & (1 << BLOCK_BITS) - 1, f"0x{tx.hex()}", blocks[key >> BLOCK_BITS].at)
        for key, _, _, _, tx in told
    ]
    images: dict[int, BeforeImages] = {}
    left = deque(zip(told, contexts, strict=True))
    expected = 0  # of the logs that are left, from the first
    handled = (batch.columns[0] for batch in batches if batch.event.handler is not None)
    for block in sorted(set().union(*handled)):
        replaceable = images_above is not None and block > images_above
        if replaceable:
            rows.begin_images()
        if plan.on_block is not None:
            plan.on_block(rows, blocks[block])
        while left and left[0][0][0] >> BLOCK_BITS == block:
            if stop():
                raise Stopped
            if not expected:
                expected = _expect(rows, left)
            expected -= 1
            (key, _, apply, event, _), context = left.popleft()
            try:
                apply(rows, event, context)
            except BrokenEvidence as error:
                raise _at(error, block, key & (1 << BLOCK_BITS) - 1, event) from error
            if rows.ease():
                expected = 0
        if replaceable:
            images[block] = rows.end_images()
    return images


def _at(error: BrokenEvidence, block: int, log_index: int, event: Any) -> BrokenEvidence:
    place = f"block {block}, log {log_index}, {type(event).__name__}"
    values = {**error.values, "block": block}
    return BrokenEvidence(f"{error.what} (at {place})", where=error.where, hint=error.hint, **values)


def _append(rows: Rows, batch: RawBatch, blocks: Mapping[int, BlockRow]) -> None:
    handler = batch.event.handler
    if handler is None or handler.append is None:
        return
    block, log_index, transaction, *_ = batch.columns
    hashes = {tx: f"0x{tx.hex()}" for tx in set(transaction)}
    arguments = dict(zip(batch.event.argument_names, arguments_of(batch), strict=True))
    at = [blocks[number].at for number in block]
    handler.append(rows, Logs(handler.event, block, log_index, [hashes[tx] for tx in transaction], at, arguments))


def events_of(batch: RawBatch) -> Iterable[Any]:
    """The batch's logs as its handler sees them; none where nobody handles them."""
    handler = batch.event.handler
    if handler is None:
        return ()
    values = arguments_of(batch)
    return map(handler.event, *values) if values else (handler.event() for _ in batch.columns[0])


def arguments_of(batch: RawBatch) -> list[Sequence[Any]]:
    """The arguments' columns with the values that a handler sees."""
    return [
        column if tell is None else list(map(tell, column))
        for tell, column in zip(batch.event.tellers, batch.columns[4:-1], strict=True)
    ]


def _told(batch: RawBatch) -> Iterable[Told]:
    handler = batch.event.handler
    if handler is None or handler.apply is None:
        return ()
    block, log_index, transaction, *_ = batch.columns
    keys = [number << BLOCK_BITS | index for number, index in zip(block, log_index, strict=True)]
    return zip(
        keys, repeat(handler, len(keys)), repeat(handler.apply, len(keys)), events_of(batch), transaction, strict=True
    )


def _expect(rows: Rows, left: Iterable[tuple[Told, Any]]) -> int:
    """Reads together what the next logs are going to ask for; of how many logs."""
    wanted: dict[Table, list[Key]] = {}
    logs = keys = 0
    for (_, handler, _, event, _), context in left:
        if keys > KEYS_AT_ONCE:
            break
        logs += 1
        if handler.touches is not None:
            for table, key in handler.touches(event, context):
                wanted.setdefault(table, []).append(key)
                keys += 1
    for table, asked in wanted.items():
        rows.expect(table, asked)
    return logs
