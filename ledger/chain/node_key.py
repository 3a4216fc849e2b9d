"""A node's own key (secp256k1): its enode names the public half, and a validator's address is derived from it."""

from __future__ import annotations

import secrets

from coincurve import PrivateKey, PublicKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.errors import BadInput

PUBLIC_KEY_BYTES = 64


def new_node_key() -> bytes:
    """32 random bytes that are a private key."""
    while True:
        key = secrets.token_bytes(32)
        try:
            PrivateKey(key)
            return key
        except ValueError:  # one in 2**128
            continue


def public_key_of(private_key: bytes) -> str:
    """64 bytes, hex without prefix, as an enode has it. BadInput for what is no key; the key is not told."""
    try:
        return PrivateKey(private_key).public_key.format(compressed=False)[1:].hex()
    except ValueError:
        raise BadInput("This is no private key: 32 bytes in the curve's range are needed.") from None


def node_address(public_key: str) -> str:
    """The last 20 bytes of the public key's keccak256 (EIP-55). BadInput for 64 bytes that are no point of the curve."""
    try:
        raw = bytes.fromhex(public_key)
        if len(raw) != PUBLIC_KEY_BYTES:
            raise ValueError
        PublicKey(b"\x04" + raw)
    except ValueError:
        raise BadInput(
            "This is no public key of a node: 128 hex digits that are a point of secp256k1 are needed.",
            hint="Copy it from the member's file, or from its enode.",
        ) from None
    return str(to_checksum_address(keccak(raw)[12:]))
