"""What is asked of a window before it is written: that no log of ours was dropped, changed or made up.

    (1) a live window: each block is proven by its receipts root, and our logs are exactly those of its receipts
    (2) another window: the same for the blocks whose header is known, whose bloom filter admits a contract of ours, and
        that gave no log; all others are history, which is audited afterwards

A node that is found out is BrokenEvidence before anything is written, and is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.prove_blocks import ProvenBlock, prove_blocks, prove_given
from ledger.chain.receipts_root import bloom_bits
from ledger.errors import BrokenEvidence
from ledger.index.addresses import Addresses
from ledger.index.compare_logs import first_difference
from ledger.index.window import Window

BLOCKS_AT_ONCE: Final = 32
"""How many blocks are proven in one round: their receipts are held in memory."""


class ReceiptsCheck:
    """The `Check` of an `Indexer` that reads from this node."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, window: Window, addresses: Addresses) -> frozenset[int]:
        """The numbers of the blocks that it proved. BrokenEvidence, Unavailable."""
        numbers = self._to_prove(window, addresses)
        if not numbers:
            return frozenset()
        logs: dict[int, list[RawLog]] = {}
        for log in window.logs:
            if addresses.asks_for(log):
                logs.setdefault(int(log.block_number, 16), []).append(log)
        for proven in self._proven(window, numbers):
            number = proven.header.number
            _require_same(self._client, proven, window.headers[number], logs.get(number, []), addresses)
        return frozenset(numbers)

    def _proven(self, window: Window, numbers: Sequence[int]) -> Iterator[ProvenBlock]:
        if window.given:
            yield from prove_given(self._client, numbers, window.given)
        else:
            for part in proven_parts(self._client, numbers):
                yield from part

    def _to_prove(self, window: Window, addresses: Addresses) -> Sequence[int]:
        if window.live:
            return range(window.first_block, window.last_block + 1)
        with_logs = {int(log.block_number, 16) for log in window.logs}
        silent = [header for number, header in sorted(window.headers.items()) if number not in with_logs]
        ours = addresses.known() if silent else ()
        return [header.number for header in silent if _admits(header, ours)]


def proven_parts(client: Client, numbers: Sequence[int]) -> Iterator[list[ProvenBlock]]:
    """Proves them a part at a time."""
    for first in range(0, len(numbers), BLOCKS_AT_ONCE):
        yield prove_blocks(client, numbers[first : first + BLOCKS_AT_ONCE])


def _require_same(
    client: Client, proven: ProvenBlock, header: BlockHeader, read: Sequence[RawLog], addresses: Addresses
) -> None:
    if proven.header.hash != header.hash:
        raise BrokenEvidence(
            f"Block {header.number} was {header.hash} when it was read, and is {proven.header.hash} now.",
            where=client.url,
            hint="The chain moved, or two nodes answer under one address; it is asked again.",
        )
    difference = first_difference(header.number, [log for log in proven.logs if addresses.asks_for(log)], read)
    if difference is not None:
        raise BrokenEvidence(
            difference,
            where=client.url,
            hint="The node answers eth_getLogs wrongly; it is asked again. If it stays so, name another node in "
            "config.json (rpc_url).",
            block=header.number,
        )


def _admits(header: BlockHeader, addresses: Iterable[str]) -> bool:
    bloom = int(header.logs_bloom, 16)
    return any(not _bits(address) & ~bloom for address in addresses)


@lru_cache(maxsize=4096)
def _bits(item: str) -> int:
    return bloom_bits(bytes.fromhex(item[2:]))
