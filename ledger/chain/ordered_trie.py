"""The root of a list of byte strings, as block headers carry it for transactions, receipts and withdrawals.

A Merkle-Patricia trie (Ethereum Yellow Paper, appendix D) whose keys are RLP(0), RLP(1), … (appendix B). Encoding and
trie are our own: both are needed for each receipt of each block, and the general libraries take ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eth_hash.auto import keccak

Rlp = bytes | Sequence["Rlp"]

EMPTY_ROOT: Final = keccak(b"\x80")
"""Of a list without items."""


def encode(item: Rlp) -> bytes:
    """RLP of byte strings and lists of them."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _head(0x80, len(item)) + item
    return _list(b"".join(map(encode, item)))


def encode_number(value: int) -> bytes:
    """A number as an RLP item's bytes: big-endian without leading zeros, empty for zero."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the trie that holds `values[i]` under RLP(i). No value may be empty."""
    if not values:
        return EMPTY_ROOT
    leaves = sorted((_nibbles(encode(encode_number(place))), value) for place, value in enumerate(values))
    return keccak(_node(leaves, 0))


def _node(leaves: Sequence[tuple[bytes, bytes]], depth: int) -> bytes:
    """The node over these leaves, sorted by key, whose keys agree in the first `depth` nibbles."""
    first, value = leaves[0]
    if len(leaves) == 1:
        return _list(encode(_path(first[depth:], leaf=True)) + encode(value))
    last, fork = leaves[-1][0], depth
    while first[fork] == last[fork]:
        fork += 1
    branch: list[bytes] = [b"\x80"] * 17  # no key of RLP(i) begins another, so that no value stands in a branch
    start = 0
    while start < len(leaves):
        nibble, end = leaves[start][0][fork], start + 1
        while end < len(leaves) and leaves[end][0][fork] == nibble:
            end += 1
        branch[nibble] = _reference(_node(leaves[start:end], fork + 1))
        start = end
    node = _list(b"".join(branch))
    return node if fork == depth else _list(encode(_path(first[depth:fork], leaf=False)) + _reference(node))


def _reference(node: bytes) -> bytes:
    """How a node stands in its parent: itself where it is short, else its hash."""
    return node if len(node) < 32 else b"\xa0" + keccak(node)


def _nibbles(key: bytes) -> bytes:
    return bytes(nibble for byte in key for nibble in (byte >> 4, byte & 15))


def _path(nibbles: bytes, *, leaf: bool) -> bytes:
    """Hex-prefix encoding (appendix C)."""
    flag, odd = (2 if leaf else 0), len(nibbles) & 1
    whole = bytes((flag + odd,)) + nibbles if odd else bytes((flag, 0)) + nibbles
    return bytes(high << 4 | low for high, low in zip(whole[::2], whole[1::2], strict=True))


def _list(content: bytes) -> bytes:
    return _head(0xC0, len(content)) + content


def _head(offset: int, length: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = encode_number(length)
    return bytes((offset + 55 + len(size),)) + size
