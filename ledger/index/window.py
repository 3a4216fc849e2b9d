"""What is fetched at once: some blocks with their logs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.chain.client import BlockHeader, RawLog

LIVE_BLOCKS = 64
"""A window that ends within so many blocks of the head is live: each of its headers is fetched, and checked."""


@dataclass(frozen=True, slots=True)
class Window:
    """Both blocks included. `logs` in chain order. `seconds`: how long it took to fetch.

    `headers`: by number, of the first block, the last one and each that holds a log; of every block when it is `live`.
    """

    first_block: int
    last_block: int
    logs: tuple[RawLog, ...]
    headers: dict[int, BlockHeader]
    live: bool = False
    seconds: float = 0.0

    def before(self, block: int, header: BlockHeader) -> Window:
        """Its blocks before `block`; `header` is that of the last of them."""
        logs = tuple(log for log in self.logs if int(log.block_number, 16) < block)
        headers = {number: each for number, each in self.headers.items() if number < block}
        return replace(self, last_block=block - 1, logs=logs, headers={**headers, block - 1: header})
