"""What a node answers about the chain, typed: headers, logs, receipts. Anything else is refused, not guessed at."""

from __future__ import annotations

from typing import Any

import msgspec

from ledger.errors import NotFound, Unavailable


class BlockHeader(msgspec.Struct, frozen=True):
    """A block without its transactions. Hashes and bloom filter 0x hex; `timestamp` Unix seconds; `base_fee_wei` 0 before London."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    receipts_root: str
    gas_limit: int
    base_fee_wei: int
    logs_bloom: str


class RawLog(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A log as the node gives it: every field 0x hex."""

    address: str
    topics: tuple[str, ...]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of a transaction. `succeeded` is false when a contract refused it; its gas is spent all the same."""

    transaction_hash: str
    block: int
    block_hash: str
    succeeded: bool
    gas_used: int
    contract_address: str | None


def read_header(url: str, answer: Any, asked: str) -> BlockHeader:
    """`asked`: for the sentence. NotFound for nothing, Unavailable for what is no block."""
    if answer is None:
        raise NotFound(f"The node at {url} has no block {asked}.")
    try:
        return BlockHeader(
            number=to_int(answer["number"]),
            hash=answer["hash"],
            parent_hash=answer["parentHash"],
            timestamp=to_int(answer["timestamp"]),
            receipts_root=answer["receiptsRoot"],
            gas_limit=to_int(answer["gasLimit"]),
            base_fee_wei=to_int(answer.get("baseFeePerGas") or "0x0"),
            logs_bloom=answer["logsBloom"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"The node at {url} gave a block that cannot be read: {error!r}.") from None


def read_receipt(answer: Any) -> Receipt | None:
    """None while it is not mined. Unavailable for what is no receipt."""
    if answer is None or (isinstance(answer, dict) and answer.get("blockNumber") is None):
        return None
    try:
        return Receipt(
            transaction_hash=str(answer["transactionHash"]),
            block=to_int(answer["blockNumber"]),
            block_hash=str(answer["blockHash"]),
            succeeded=to_int(answer["status"]) == 1,
            gas_used=to_int(answer["gasUsed"]),
            contract_address=answer.get("contractAddress"),
        )
    except (KeyError, TypeError) as error:
        raise Unavailable(f"A node gave a receipt that cannot be read: {error!r}.") from None


def to_int(quantity: Any) -> int:
    """A quantity in 0x hex. Unavailable for what is none."""
    try:
        return int(quantity, 16)
    except (TypeError, ValueError):
        raise Unavailable(f"A node answered {quantity!r:.80} where a number was due.") from None


def to_bytes(data: Any) -> bytes:
    """Bytes in 0x hex. Unavailable for what are none."""
    try:
        return bytes.fromhex(data.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise Unavailable(f"A node answered {data!r:.80} where bytes were due.") from None
