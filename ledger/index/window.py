"""What is fetched at once: some blocks with their logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.chain.client import BlockHeader, RawLog
from ledger.chain.given_blocks import GivenBlock
from ledger.index.decode import RawBatch

LIVE_BLOCKS = 64
"""A window that ends within so many blocks of the head is live: each of its headers is fetched, and checked."""


@dataclass(frozen=True, slots=True)
class Window:
    """Both blocks included. `logs` in chain order. `seconds`: how long it took to fetch.

    `given`: each block whole with its receipts, as the node gave it with the logs, where it is going to be proven.
    `batches`: the logs decoded, where that was done beside the fetching.
    `headers`: by number, of the first block, the last one and each that holds a log; of every block when it is `live`.
    """

    first_block: int
    last_block: int
    logs: tuple[RawLog, ...]
    headers: dict[int, BlockHeader]
    live: bool = False
    given: tuple[GivenBlock, ...] = ()
    batches: Sequence[RawBatch] | None = None
    seconds: float = 0.0

    def before(self, block: int, header: BlockHeader) -> Window:
        """Its blocks before `block`; `header` is that of the last of them."""
        logs = tuple(log for log in self.logs if int(log.block_number, 16) < block)
        headers = {number: each for number, each in self.headers.items() if number < block}
        given = tuple(each for each in self.given if each.header.number < block)
        return replace(
            self, last_block=block - 1, logs=logs, given=given, batches=None, headers={**headers, block - 1: header}
        )
