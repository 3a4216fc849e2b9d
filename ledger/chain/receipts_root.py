"""A block's receipts root and hash, recomputed from what the node answers: a node that drops or changes a log is seen.

The root commits to every receipt of the block, and so to every log in it (Yellow Paper, 4.3.1; typed receipts EIP-2718;
a state root in place of the status before Byzantium, EIP-658). It does not commit to the hashes of the transactions:
those are the node's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from eth_hash.auto import keccak

from ledger.chain.ordered_trie import encode, encode_number, ordered_root
from ledger.errors import BrokenEvidence

BLOOM_BYTES: Final = 256

# Yellow Paper 4.3 up to the nonce; then what the upgrades appended: EIP-1559, 4895, 4844, 4788, 7685.
_FIELDS: Final = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
    "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
)  # fmt: skip
_APPENDED: Final = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip
_NUMBERS: Final = frozenset(
    {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}
)


class ReceiptLog(msgspec.Struct, frozen=True, rename="camel"):
    """What the root commits to of a log, all 0x hex; where the node says that it stands."""

    address: str
    topics: tuple[str, ...]
    data: str
    transaction_hash: str
    log_index: str


class BlockReceipt(msgspec.Struct, frozen=True, rename="camel"):
    """A receipt as `eth_getBlockReceipts` and `eth_getTransactionReceipt` give it. `root` before Byzantium."""

    transaction_hash: str
    transaction_index: str
    block_hash: str
    cumulative_gas_used: str
    logs_bloom: str
    logs: tuple[ReceiptLog, ...]
    status: str | None = None
    root: str | None = None
    type: str | None = None


def receipts_root(receipts: Sequence[BlockReceipt]) -> str:
    """0x hex; the receipts in the order of their transactions. BrokenEvidence when a field is no hex or missing."""
    try:
        return "0x" + ordered_root([_encoded(receipt) for receipt in receipts]).hex()
    except ValueError as error:
        raise BrokenEvidence(f"A receipt cannot be read: {error}.") from None


def block_hash(header: dict[str, Any]) -> str:
    """0x hex, of a header as `eth_getBlockByNumber` gives it. BrokenEvidence when a field is no hex or missing."""
    try:
        names = (*_FIELDS, *(name for name in _APPENDED if header.get(name) is not None))
        values = [encode_number(int(header[name], 16)) if name in _NUMBERS else _bytes(header[name]) for name in names]
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenEvidence(f"A block's header cannot be read: {error!r}.") from None
    return "0x" + keccak(encode(values)).hex()


def bloom_bits(item: bytes) -> int:
    """The three bits, of 2048, that an address or a topic sets in a bloom filter (Yellow Paper 4.3.1)."""
    digest = keccak(item)
    return sum({1 << (int.from_bytes(digest[place : place + 2], "big") & 2047) for place in (0, 2, 4)})


def _encoded(receipt: BlockReceipt) -> bytes:
    if receipt.status is None and receipt.root is None:
        raise ValueError(f"transaction {receipt.transaction_hash} has neither status nor root")
    outcome = encode_number(int(receipt.status, 16)) if receipt.status is not None else _bytes(receipt.root or "")
    body = encode(
        (
            outcome,
            encode_number(int(receipt.cumulative_gas_used, 16)),
            _bytes(receipt.logs_bloom),
            [(_bytes(log.address), [_bytes(topic) for topic in log.topics], _bytes(log.data)) for log in receipt.logs],
        )
    )
    kind = int(receipt.type, 16) if receipt.type is not None else 0
    return bytes((kind,)) + body if kind else body


def _bytes(data: str) -> bytes:
    return bytes.fromhex(data[2:])
