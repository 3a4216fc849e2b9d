"""Merkle trees as RFC 9162 section 2.1 defines them, with SHA-256.

A leaf hash is SHA-256(0x00 ‖ leaf data), a node SHA-256(0x01 ‖ left ‖ right); the root of no leaves is SHA-256 of
nothing. An inclusion path lists the siblings from the leaf up. Browsers have SHA-256 built in, so a page can check one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from hmac import compare_digest
from itertools import chain, repeat

from ledger.errors import BadInput

HASH_BYTES = 32


class Tree:
    """A whole tree, kept as its levels from the leaf hashes up, so that each inclusion path is a few slices.

    A level with an odd number of nodes hands its last one up unchanged: that is the split at the largest power of two
    below n, which the RFC defines from the top. 64 bytes a leaf.
    """

    __slots__ = ("_levels", "size")

    def __init__(self, leaves: Iterable[bytes]) -> None:
        hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
        self.size = len(hashes)
        self._levels = [b"".join(hashes)]
        while len(self._levels[-1]) > HASH_BYTES:
            self._levels.append(_level_above(self._levels[-1]))

    @property
    def root(self) -> bytes:
        """MTH(D[n]) of section 2.1.1, 32 bytes."""
        return self._levels[-1] or sha256(b"").digest()

    def path(self, index: int) -> tuple[bytes, ...]:
        """PATH(m, D[n]) of section 2.1.3.1: the siblings of leaf `index`, from the bottom up."""
        if not 0 <= index < self.size:
            raise BadInput(f"A tree of {self.size} leaves has no leaf {index}.", hint="Leaves count from 0.")
        siblings = []
        at = index * HASH_BYTES
        for level in self._levels[:-1]:
            sibling = level[at ^ HASH_BYTES : (at ^ HASH_BYTES) + HASH_BYTES]
            if sibling:  # nothing beside the last node of an odd level
                siblings.append(sibling)
            at = at >> 1 & ~(HASH_BYTES - 1)
        return tuple(siblings)

    def paths(self) -> Iterator[tuple[bytes, ...]]:
        """All inclusion paths in the order of the leaves, several times faster than one by one."""
        if self.size < 2:
            return iter([()] * self.size)
        columns = [_siblings(level, height) for height, level in enumerate(self._levels[:-1])]
        return (path if all(path) else tuple(filter(None, path)) for path in zip(*columns, strict=False))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf data, 32 bytes."""
    return Tree(leaves).root


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf data)."""
    return sha256(b"\x00" + leaf).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that this path gives for this leaf (section 2.1.3.2), or None where no tree has a path of this shape."""
    if not 0 <= index < size:
        return None
    number, last = index, size - 1
    node = leaf_hash(leaf)
    for sibling in path:
        if last == 0 or len(sibling) != HASH_BYTES:
            return None
        if number & 1 or number == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        number, last = number >> 1, last >> 1
    return node if last == 0 else None


def verify(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether leaf data stands at `index` in the tree of `size` leaves with this root."""
    found = root_from_path(leaf, index, size, path)
    return found is not None and compare_digest(found, expected_root)


def _siblings(level: bytes, height: int) -> Iterator[bytes]:
    """The sibling of each leaf's ancestor in this level, leaf after leaf; empty where there is none."""
    count = len(level) // HASH_BYTES
    places = (HASH_BYTES * (node ^ 1) for node in range(count))
    return chain.from_iterable(repeat(level[at : at + HASH_BYTES], 1 << height) for at in places)


def _level_above(level: bytes) -> bytes:
    paired = len(level) - len(level) % (2 * HASH_BYTES)
    pairs = [sha256(b"\x01" + level[at : at + 64]).digest() for at in range(0, paired, 2 * HASH_BYTES)]
    return b"".join(pairs) + level[paired:]
