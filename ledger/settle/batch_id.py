"""The ids of a batch and of its orders on chain, as IBatches.batchId gives them.

A batch's id ends in 32 zero bits; an order's id is the batch's with its position in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

_TERMS = "(bytes32,bytes32,uint64,uint32,uint32,uint16,uint8)"
_POSITION_DIGITS = 8


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What a merchant commits to. `manifest` is a SHA-256 and `amounts_root` a keccak256, both hex without prefix; `width`
    in bytes an amount."""

    manifest: str
    amounts_root: str
    total_fen: int
    rule: int
    carrier: int
    count: int
    width: int

    @property
    def on_chain(self) -> tuple[bytes, bytes, int, int, int, int, int]:
        """As the contract takes them."""
        hashes = bytes.fromhex(self.manifest), bytes.fromhex(self.amounts_root)
        return *hashes, self.total_fen, self.rule, self.carrier, self.count, self.width


def batch_id(merchant: int, terms: BatchTerms) -> str:
    """0x and 64 hex digits, the last 8 zero."""
    digest = keccak(encode(["uint32", _TERMS], [merchant, terms.on_chain]))
    return f"0x{digest.hex()[:-_POSITION_DIGITS]}{'0' * _POSITION_DIGITS}"


def position_id(batch: str, position: int) -> str:
    """The order's id. `batch` as `batch_id` gives it."""
    return f"{batch[:-_POSITION_DIGITS]}{position:08x}"


def batch_of(order_id: str) -> str:
    """The id of the batch in which an order with a position stands, or out of which it was taken."""
    return f"{order_id[:-_POSITION_DIGITS]}{'0' * _POSITION_DIGITS}"


def short_name(batch: str) -> str:
    """How people name a batch: its first 8 hex digits."""
    return batch[2:10]
