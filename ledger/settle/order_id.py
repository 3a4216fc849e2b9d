"""An order's id on chain: keccak256(abi.encode(uint32 merchant, string number)), as IEscrow.orderId gives it."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak


def order_id(merchant: int, number: str) -> str:
    """0x and 64 hex digits."""
    return "0x" + keccak(encode(["uint32", "string"], [merchant, number])).hex()
