"""The proof of one item code: its leaf, its Merkle path and the root that stands on the chain.

The tree is built from the manifest in the document store. A lot is scanned many times, so the last few trees are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from ledger.errors import BadInput, BrokenEvidence
from ledger.store.documents import Documents
from ledger.trace.item_codes import leaf, read_manifest
from ledger.trace.item_verdict import CommittedItem
from ledger.trace.merkle import Tree, root_from_path

_LEAVES_KEPT = 2_000_000  # 64 bytes each


@dataclass(frozen=True, slots=True)
class ItemProof:
    """An inclusion proof (RFC 9162 section 2.1.3): anybody with SHA-256 can check it. Hashes are hex without 0x."""

    leaf: str  # the leaf data, a Digital Link path
    index: int
    size: int
    path: tuple[str, ...]
    root: str

    def root_found(self) -> str | None:
        """The root that leaf and path give, None where they fit no tree."""
        path = [bytes.fromhex(node) for node in self.path]
        found = root_from_path(self.leaf.encode("ascii"), self.index, self.size, path)
        return found.hex() if found is not None else None

    @property
    def holds(self) -> bool:
        return self.root_found() == self.root


class ItemProofs:
    """Proves items from the manifests in a document store. May be shared by threads."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._lock = Lock()

    def prove(self, item: CommittedItem) -> ItemProof:
        """NotFound when the store lacks the manifest; BrokenEvidence when the manifest is not what was committed to."""
        tree = self._tree(item.manifest)
        if tree.size != item.count or not 0 <= item.position < tree.size:
            raise BrokenEvidence(
                f"The manifest holds {tree.size} codes; {item.count} were committed, of which this is {item.position}.",
                where=str(self._documents.file_of(item.manifest)),
                hint="Run `suyuan index rebuild`.",
            )
        return ItemProof(
            leaf=leaf(item.gtin, item.lot, item.serial).decode("ascii"),
            index=item.position,
            size=tree.size,
            path=tuple(node.hex() for node in tree.path(item.position)),
            root=item.root,
        )

    def _tree(self, manifest: str) -> Tree:
        with self._lock:
            if manifest in self._trees:
                self._trees.move_to_end(manifest)
                return self._trees[manifest]
        try:
            tree = Tree(read_manifest(self._documents.get(manifest)).leaves())
        except BadInput as error:
            raise BrokenEvidence(f"The manifest cannot be read: {error}", where=manifest) from error
        with self._lock:
            self._trees[manifest] = tree
            while len(self._trees) > 1 and sum(kept.size for kept in self._trees.values()) > _LEAVES_KEPT:
                self._trees.popitem(last=False)
        return tree
