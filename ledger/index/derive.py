"""Derived rows: what handlers make of raw rows, log by log in the order of the chain.

It makes no difference where the raw rows come from: out of the window that is about to be written, or read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from ledger.errors import BrokenEvidence
from ledger.index.decode import RawBatch
from ledger.index.plan import BlockRow, Handler, Plan
from ledger.index.rows import BeforeImages, Key, Rows

Told = tuple[int, Handler, Any, bytes]
"""(block << 32 | log index, handler, event, transaction)"""

BLOCK_BITS = 32


class Stopped(Exception):
    """Asked to stop between two logs; the caller's transaction rolls back."""


def never() -> bool:
    return False


def derive(
    rows: Rows,
    plan: Plan,
    batches: Iterable[RawBatch],
    blocks: Mapping[int, BlockRow],
    *,
    stop: Callable[[], bool] = never,
    images_above: int | None = None,
) -> dict[int, BeforeImages]:
    """Hands each log to its handler. Rows are not flushed yet.

    What blocks above `images_above` changed, as it was before each: for the journal. BrokenEvidence names the log that
    cannot be true; Stopped when `stop` says so.
    """
    told = [each for batch in batches for each in _told(batch)]
    told.sort(key=itemgetter(0))
    contexts = [
        plan.context(key >> BLOCK_BITS, key & (1 << BLOCK_BITS) - 1, f"0x{tx.hex()}", blocks[key >> BLOCK_BITS].at)
        for key, _, _, tx in told
    ]
    _expect(rows, told, contexts)
    images: dict[int, BeforeImages] = {}
    current = -1
    for (key, handler, event, _), context in zip(told, contexts, strict=True):
        if stop():
            raise Stopped
        block = key >> BLOCK_BITS
        if block != current:
            _end(rows, images, current, images_above)
            current = block
            if images_above is not None and block > images_above:
                rows.begin_images()
            if plan.on_block is not None:
                plan.on_block(rows, blocks[block])
        try:
            handler.apply(rows, event, context)
        except BrokenEvidence as error:
            index = key & (1 << BLOCK_BITS) - 1
            place = f"block {block}, log {index}, {type(event).__name__}"
            values = {**error.values, "block": block}
            raise BrokenEvidence(f"{error.what} (at {place})", where=error.where, hint=error.hint, **values) from error
    _end(rows, images, current, images_above)
    return images


def events_of(batch: RawBatch) -> Iterable[Any]:
    """The batch's logs as its handler sees them; none where nobody handles them."""
    handler = batch.event.handler
    if handler is None:
        return ()
    arguments = batch.columns[4:-1]
    values = [
        column if tell is None else map(tell, column)
        for tell, column in zip(batch.event.tellers, arguments, strict=True)
    ]
    return map(handler.event, *values) if values else (handler.event() for _ in batch.columns[0])


def _told(batch: RawBatch) -> Iterable[Told]:
    handler = batch.event.handler
    if handler is None:
        return ()
    block, log_index, transaction, *_ = batch.columns
    keys = [number << BLOCK_BITS | index for number, index in zip(block, log_index, strict=True)]
    return zip(keys, repeat(handler, len(keys)), events_of(batch), transaction, strict=True)


def _expect(rows: Rows, told: Iterable[Told], contexts: Iterable[Any]) -> None:
    wanted: dict[Table, list[Key]] = {}
    for (_, handler, event, _), context in zip(told, contexts, strict=True):
        if handler.touches is not None:
            for table, key in handler.touches(event, context):
                wanted.setdefault(table, []).append(key)
    for table, keys in wanted.items():
        rows.expect(table, keys)


def _end(rows: Rows, images: dict[int, BeforeImages], block: int, above: int | None) -> None:
    if above is not None and block > above:
        images[block] = rows.end_images()
