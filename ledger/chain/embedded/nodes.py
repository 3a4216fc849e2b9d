"""py-evm's key-value database over the chain's file: it reads what is committed, and gathers what a block writes.

Most keys are hashes of their values, so a value once read stays true and may be cached; the few others (the head,
numbers to hashes) are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from eth.abc import AtomicWriteBatchAPI
from eth.db.atomic import AtomicDBWriteBatch
from eth.db.backends.base import BaseAtomicDB
from lru import LRU

from ledger.chain.embedded.chain_file import ChainFile

_HASH_BYTES = 32
_CACHED_NODES = 65_536


class NodeCache:
    """Committed values by hash, shared by the reading and the writing side."""

    def __init__(self, file: ChainFile) -> None:
        self._file = file
        self._known: LRU[bytes, bytes] = LRU(_CACHED_NODES)

    def get(self, key: bytes) -> bytes | None:
        known = self._known.get(key)
        if known is not None:
            return known
        value = self._file.node(key)
        if value is not None and len(key) == _HASH_BYTES:
            self._known[key] = value
        return value

    def remember(self, written: dict[bytes, bytes | None]) -> None:
        """After a commit: the newest nodes are the next to be read."""
        for key, value in written.items():
            if value is None:
                self._known.pop(key, None)
            elif len(key) == _HASH_BYTES:
                self._known[key] = value


class Nodes(BaseAtomicDB):
    """Reads through to the file; writes stay in `written` until the block's own transaction takes them, if it does."""

    def __init__(self, cache: NodeCache) -> None:
        self._cache = cache
        self.written: dict[bytes, bytes | None] = {}

    def __getitem__(self, key: bytes) -> bytes:
        value = self.written[key] if key in self.written else self._cache.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.written[key] = value

    def __delitem__(self, key: bytes) -> None:
        if key not in self:
            raise KeyError(key)
        self.written[key] = None

    def _exists(self, key: bytes) -> bool:
        return (self.written[key] if key in self.written else self._cache.get(key)) is not None

    @contextmanager
    def atomic_batch(self) -> Iterator[AtomicWriteBatchAPI]:
        """py-evm's own batches nest inside the block's: they apply to `written` when they end well."""
        with AtomicDBWriteBatch._commit_unless_raises(self) as batch:
            yield batch


class CommittedNodes(Nodes):
    """The reading side: a call must never leave a trace."""

    def __setitem__(self, key: bytes, value: bytes) -> None:
        raise TypeError("A call tried to write to the chain.")

    def __delitem__(self, key: bytes) -> None:
        raise TypeError("A call tried to delete from the chain.")
