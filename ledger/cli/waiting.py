"""Waiting until what was queued is final and the rows show it."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.chain.outbox import await_final, require_final
from ledger.context import Ledger
from ledger.index.follow import await_block

WAIT_SECONDS = 120


def until_shown(ledger: Ledger, outbox_ids: Sequence[int]) -> int | None:
    """The last block that carries them; None when there is nothing to wait for. Reverted when a contract refused one."""
    rows = require_final(await_final(ledger.engine, outbox_ids, WAIT_SECONDS))
    block = max((row.block or 0 for row in rows), default=None)
    if block is not None:
        await_block(ledger.engine, block, WAIT_SECONDS)
    return block
