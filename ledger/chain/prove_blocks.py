"""Blocks whose logs are proven: the header hashes to the block's hash, the receipts to the root in the header.

    (1) recompute the hash from the header's fields, and compare; where validators seal, their seals are checked with it
    (2) recompute the receipts root from all receipts of the block, and compare with the header's
    (3) take the logs from those receipts: none can be missing, none is changed

What does not agree is BrokenEvidence; what the node does not have (yet) is Unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.given_blocks import NO_RECEIPTS, GivenBlock, ask_blocks
from ledger.chain.qbft import read_qbft_block
from ledger.chain.receipts_root import BlockReceipt, block_hash, receipts_root
from ledger.chain.seals import read_seals
from ledger.errors import BrokenEvidence, Unavailable


@dataclass(frozen=True, slots=True)
class ProvenBlock:
    """All logs of the block, whoever emitted them, in the block's order. `receipts`: how many were checked."""

    header: BlockHeader
    logs: tuple[RawLog, ...]
    receipts: int


def prove_blocks(client: Client, numbers: Sequence[int]) -> list[ProvenBlock]:
    """The blocks with these numbers, in the order asked. BrokenEvidence, Unavailable; NotFound beyond the head."""
    return prove_given(client, numbers, ask_blocks(client, numbers))


def prove_given(client: Client, numbers: Sequence[int], given: Sequence[GivenBlock]) -> list[ProvenBlock]:
    """As `prove_blocks`, of what the node gave already for these numbers."""
    for number, block in zip(numbers, given, strict=True):
        _require_hash(client, number, block.header, block.answer)
    return [_prove(client, block, _receipts(client, block)) for block in given]


def _require_hash(client: Client, number: int, header: BlockHeader, answer: dict[str, Any]) -> None:
    if header.number != number:
        raise BrokenEvidence(f"The node answered block {header.number} for block {number}.", where=client.url)
    if client.profile.seal == "ibft":
        read_seals(answer)
    elif client.profile.seal == "qbft":
        read_qbft_block(answer)
    elif (actual := block_hash(answer)) != header.hash:
        raise _differs(client, header, "hash", header.hash, actual)


def _receipts(client: Client, block: GivenBlock) -> Sequence[BlockReceipt]:
    """In the order of the transactions."""
    if block.header.receipts_root == NO_RECEIPTS:
        return ()
    if block.receipts is None:
        raise Unavailable(f"The node at {client.url} does not have the receipts of block {block.header.number} (yet).")
    return block.receipts


def _prove(client: Client, block: GivenBlock, receipts: Sequence[BlockReceipt]) -> ProvenBlock:
    header = block.header
    elsewhere = next((receipt.block_hash for receipt in receipts if receipt.block_hash != header.hash), None)
    if elsewhere is not None:  # the chain moved between two questions, or two nodes answer them
        raise Unavailable(f"Block {header.number} is {header.hash}, and its receipts are of {elsewhere}: asked again.")
    if (actual := receipts_root(receipts)) != header.receipts_root:
        raise _differs(client, header, "receipts root", header.receipts_root, actual)
    if receipts and [receipt.transaction_hash for receipt in receipts] != block.answer["transactions"]:
        raise BrokenEvidence(f"The receipts of block {header.number} are not of its transactions.", where=client.url)
    logs = [(receipt, log) for receipt in receipts for log in receipt.logs]
    return ProvenBlock(
        header,
        tuple(
            RawLog(
                address=log.address,
                topics=log.topics,
                data=log.data,
                block_number=hex(header.number),
                block_hash=header.hash,
                transaction_hash=receipt.transaction_hash,
                log_index=hex(place),
            )
            for place, (receipt, log) in enumerate(logs)
        ),
        len(receipts),
    )


def _differs(client: Client, header: BlockHeader, what: str, expected: str, actual: str) -> BrokenEvidence:
    return BrokenEvidence(
        f"The {what} of block {header.number} is {expected} by its header, and {actual} by what the node answers.",
        where=client.url,
        hint="The node drops or changes what it was asked for: mend it, or name another in config.json (rpc_url).",
        block=header.number,
        expected=expected,
        actual=actual,
    )
