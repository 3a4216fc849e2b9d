"""What is asked of a window before it is written: that no log of ours was dropped, changed or made up.

    (1) each address and each first topic of a block's logs stands in the bloom filter of its header
    (2) a live window: each block is proven by its receipts root, and our logs are exactly those of its receipts
    (3) another window: the same for the blocks whose header is known, whose bloom filter admits a contract of ours, and
        that gave no log; all others are history, which is audited afterwards

A node that is found out is BrokenEvidence before anything is written, and is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.prove_blocks import ProvenBlock, prove_blocks
from ledger.chain.receipts_root import bloom_bits
from ledger.errors import BrokenEvidence
from ledger.index.compare_logs import first_difference
from ledger.index.fetch import Window

BLOCKS_AT_ONCE: Final = 16
"""How many blocks are proven in one round: their receipts are held in memory."""


class ReceiptsCheck:
    """`addresses` gives the contracts that are followed (0x hex in lower case) when it is called."""

    def __init__(self, client: Client, addresses: Callable[[], Collection[str]]) -> None:
        self._client = client
        self._addresses = addresses

    def __call__(self, window: Window) -> frozenset[int]:
        """The numbers of the blocks that it proved. BrokenEvidence, Unavailable."""
        ours = frozenset(self._addresses())
        logs = {block: list(each) for block, each in groupby(window.logs, key=lambda log: int(log.block_number, 16))}
        for block, inside in logs.items():
            _require_bloom(self._client, window.headers[block], inside)
        if window.live:
            numbers: Sequence[int] = range(window.first_block, window.last_block + 1)
        else:
            silent = (number for number in sorted(window.headers) if number not in logs)
            numbers = [number for number in silent if _admits(window.headers[number], ours)]
        for proven in proven_blocks(self._client, numbers):
            _require_same(self._client, proven, window.headers, logs.get(proven.header.number, []), ours)
        return frozenset(numbers)


def proven_blocks(client: Client, numbers: Sequence[int]) -> Iterable[ProvenBlock]:
    """Proves them part by part."""
    for first in range(0, len(numbers), BLOCKS_AT_ONCE):
        yield from prove_blocks(client, numbers[first : first + BLOCKS_AT_ONCE])


def _require_same(
    client: Client,
    proven: ProvenBlock,
    headers: dict[int, BlockHeader],
    read: Sequence[RawLog],
    ours: Collection[str],
) -> None:
    number = proven.header.number
    if proven.header.hash != headers[number].hash:
        raise BrokenEvidence(
            f"Block {number} was {headers[number].hash} when it was read, and is {proven.header.hash} now.",
            where=client.url,
            hint="The chain moved, or two nodes answer under one address; it is asked again.",
        )
    difference = first_difference(number, [log for log in proven.logs if log.address.lower() in ours], read)
    if difference is not None:
        raise BrokenEvidence(
            difference,
            where=client.url,
            hint="The node answers eth_getLogs wrongly; it is asked again. If it stays so, name another node in "
            "config.json (rpc_url).",
            block=number,
        )


def _require_bloom(client: Client, header: BlockHeader, logs: Iterable[RawLog]) -> None:
    bloom = int(header.logs_bloom, 16)
    for address, topics in {(log.address, log.topics[:1]) for log in logs}:
        for item in (address, *topics):
            if _bits(item.lower()) & ~bloom:
                raise BrokenEvidence(
                    f"Block {header.number} cannot hold the log of {address} that the node gave: its bloom filter does "
                    f"not admit {item}.",
                    where=client.url,
                    hint="The node answers eth_getLogs wrongly; it is asked again.",
                    block=header.number,
                )


def _admits(header: BlockHeader, addresses: Iterable[str]) -> bool:
    bloom = int(header.logs_bloom, 16)
    return any(not _bits(address) & ~bloom for address in addresses)


@lru_cache(maxsize=4096)
def _bits(item: str) -> int:
    return bloom_bits(bytes.fromhex(item[2:]))
