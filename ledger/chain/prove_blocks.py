"""Blocks whose logs are proven: the header hashes to the block's hash, the receipts to the root in the header.

    (1) recompute the hash from the header's fields, and compare; where validators seal, their seals are checked with it
    (2) recompute the receipts root from all receipts of the block, and compare with the header's
    (3) take the logs from those receipts: none can be missing, none is changed

What does not agree is BrokenEvidence; what the node does not have (yet) is Unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ledger.chain.client import BlockHeader, Client, RawLog
from ledger.chain.ordered_trie import EMPTY_ROOT
from ledger.chain.qbft import read_qbft_block
from ledger.chain.receipts_root import BlockReceipt, block_hash, receipts_root
from ledger.chain.seals import read_seals
from ledger.errors import BrokenEvidence, Unavailable

_NO_RECEIPTS: Final = "0x" + EMPTY_ROOT.hex()


@dataclass(frozen=True, slots=True)
class ProvenBlock:
    """All logs of the block, whoever emitted them, in the block's order. `receipts`: how many were checked."""

    header: BlockHeader
    logs: tuple[RawLog, ...]
    receipts: int


def prove_blocks(client: Client, numbers: Sequence[int]) -> list[ProvenBlock]:
    """The blocks with these numbers, in the order asked. BrokenEvidence, Unavailable; NotFound beyond the head."""
    given = client.whole_blocks(numbers)
    for number, (header, answer) in zip(numbers, given, strict=True):
        _require_hash(client, number, header, answer)
    hashes = {
        header.number: [str(each) for each in answer["transactions"]]
        for header, answer in given
        if header.receipts_root != _NO_RECEIPTS
    }
    answers = dict(zip(hashes, client.block_receipts(list(hashes.items())), strict=True))
    return [
        _prove(client, header, hashes.get(number, []), _receipts(client, number, answers.get(number, [])))
        for number, (header, _) in zip(numbers, given, strict=True)
    ]


def _require_hash(client: Client, number: int, header: BlockHeader, answer: dict[str, Any]) -> None:
    if header.number != number:
        raise BrokenEvidence(f"The node answered block {header.number} for block {number}.", where=client.url)
    if client.profile.seal == "ibft":
        read_seals(answer)
    elif client.profile.seal == "qbft":
        read_qbft_block(answer)
    elif (actual := block_hash(answer)) != header.hash:
        raise _differs(client, header, "hash", header.hash, actual)


def _receipts(client: Client, number: int, answer: list[Any] | None) -> list[BlockReceipt]:
    """In the order of the transactions."""
    if answer is None:
        raise Unavailable(f"The node at {client.url} does not have the receipts of block {number} (yet).")
    try:
        receipts = msgspec.convert(answer, list[BlockReceipt])
    except msgspec.ValidationError as error:
        raise Unavailable(
            f"The node at {client.url} gave receipts of block {number} that cannot be read: {error}."
        ) from None
    return sorted(receipts, key=lambda receipt: int(receipt.transaction_index, 16))


def _prove(client: Client, header: BlockHeader, hashes: Sequence[str], receipts: Sequence[BlockReceipt]) -> ProvenBlock:
    elsewhere = next((receipt.block_hash for receipt in receipts if receipt.block_hash != header.hash), None)
    if elsewhere is not None:  # the chain moved between two questions, or two nodes answer them
        raise Unavailable(f"Block {header.number} is {header.hash}, and its receipts are of {elsewhere}: asked again.")
    if (actual := receipts_root(receipts)) != header.receipts_root:
        raise _differs(client, header, "receipts root", header.receipts_root, actual)
    if [receipt.transaction_hash for receipt in receipts] != list(hashes):
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
