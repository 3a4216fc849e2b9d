"""Fetches the logs of our contracts over a range of blocks, and the headers that place them."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.contracts import Deployment
from ledger.errors import NodeRefused

FIRST_SPAN = 256
FEW_LOGS, MANY_LOGS = 500, 2_000


@dataclass(frozen=True, slots=True)
class Window:
    """Both blocks included. `headers`: by number, of the first block, the last one and each that holds a log."""

    first_block: int
    last_block: int
    logs: tuple[RawLog, ...]
    headers: dict[int, BlockHeader]


class Fetcher:
    """Fetches windows whose span adapts to how many logs they hold."""

    def __init__(self, client: Client, deployment: Deployment) -> None:
        self._client = client
        self._addresses = tuple(deployment.addresses.values())
        self._span = FIRST_SPAN
        self._most = client.profile.log_range

    def fetch(self, first_block: int, final_block: int) -> Window:
        """The next window from `first_block`, which ends at `final_block` at the latest."""
        while True:
            last_block = min(first_block + self._span - 1, final_block)
            try:
                logs = self._client.logs(first_block, last_block, self._addresses)
            except NodeRefused:
                if self._span == 1:
                    raise
                self._span = self._most = max(self._span // 2, 1)  # nodes refuse answers that are too large
                continue
            break
        if len(logs) > MANY_LOGS:
            self._span = max(self._span // 2, 1)
        elif len(logs) < FEW_LOGS:
            self._span = min(self._span * 2, self._most)
        logs.sort(key=lambda log: (int(log.block_number, 16), int(log.log_index, 16)))
        numbers = sorted({first_block, last_block, *(int(log.block_number, 16) for log in logs)})
        headers = dict(zip(numbers, self._client.blocks(numbers), strict=True))
        return Window(first_block, last_block, tuple(logs), headers)
