"""Builders: batches of orders on a chain, and the part of the story that they play."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.chain.client import Receipt
from ledger.settle.batch_id import BatchTerms, batch_id, position_id
from ledger.settle.batch_manifest import BatchManifest, write_batch_manifest
from ledger.settle.packed_amounts import chunks_for, marks_of, pack_amounts, root_of, width_of
from ledger.store.documents import Documents

CARRIER, MERCHANT = 3, 4  # index_world.NUMBERS


@dataclass(frozen=True)
class Batch:
    """A batch of the merchant's under its rule 1."""

    manifest: BatchManifest
    terms: BatchTerms
    packed: bytes

    @property
    def count(self) -> int:
        return self.terms.count

    @property
    def id(self) -> str:
        return batch_id(MERCHANT, self.terms)

    @property
    def on_chain(self) -> bytes:
        return bytes.fromhex(self.id[2:])

    def order(self, position: int) -> bytes:
        return bytes.fromhex(position_id(self.id, position)[2:])

    def marked(self, positions: Sequence[int]) -> tuple[tuple[int, ...], bytes]:
        marks = marks_of(positions, self.count)
        return marks, chunks_for(self.packed, self.terms.width, marks)


def a_batch(prefix: str, amounts_fen: Sequence[int]) -> Batch:
    numbers = tuple(f"{prefix}{position}" for position in range(len(amounts_fen)))
    manifest = BatchManifest(MERCHANT, numbers, tuple(amounts_fen))
    width = width_of(amounts_fen)
    packed = pack_amounts(amounts_fen, width)
    digest = hashlib.sha256(write_batch_manifest(manifest)).hexdigest()
    root = root_of(packed, width).hex()
    terms = BatchTerms(digest, root, manifest.total_fen, 1, CARRIER, len(amounts_fen), width)
    return Batch(manifest, terms, packed)


def place_batch(chain: Any, batch: Batch) -> Receipt:
    return _act(chain, "merchant", "placeBatch", batch.terms.on_chain)


def pay_batch(chain: Any, batch: Batch) -> Receipt:
    return _act(chain, "bank", "payBatch", batch.on_chain, batch.packed, "收款 batch")


def settle_batch(chain: Any, batch: Batch, *positions: int) -> Receipt:
    evidence = bytes(31) + b"\x05"
    return _act(chain, "carrier", "settleBatch", batch.on_chain, *batch.marked(positions), evidence, chain.legs)


def refund_batch(chain: Any, batch: Batch, *positions: int) -> Receipt:
    return _act(chain, "merchant", "refundBatch", batch.on_chain, *batch.marked(positions), chain.legs, "压坏了")


def take_out(chain: Any, batch: Batch, *positions: int) -> Receipt:
    return _act(chain, "merchant", "takeOut", batch.on_chain, *batch.marked(positions))


def _act(chain: Any, name: str, function: str, *args: Any) -> Receipt:
    receipt: Receipt = chain.act(name, "Escrow", function, *args)
    return receipt


# --- the story -------------------------------------------------------------------------------------------------------

NAMED = a_batch("B-", [10_000 + 100 * position for position in range(40)])
UNNAMED = a_batch("U-", [101, 100, 5_000])
FALSE = a_batch("F-", [700, 800])
UNPAID = a_batch("P-", [1, 2, 3])


def false_terms(digest: str) -> Batch:
    """As FALSE, with the digest of another document."""
    return replace(FALSE, terms=replace(FALSE.terms, manifest=digest))


def tell_of_batches(chain: Any, documents: Documents) -> None:
    """Every event of the batch rail: orders settled, refunded before and after, taken out; of one no manifest is here."""
    documents.put(write_batch_manifest(NAMED.manifest))
    documents.put(write_batch_manifest(UNPAID.manifest))
    false = false_terms(documents.put(write_batch_manifest(UNPAID.manifest)))
    for batch in (NAMED, UNNAMED, UNPAID, false):
        place_batch(chain, batch)
    for batch in (NAMED, UNNAMED, false):
        pay_batch(chain, batch)
    settle_batch(chain, NAMED, *range(35))
    refund_batch(chain, NAMED, 1, 2, 36)
    settle_batch(chain, NAMED, 2, 34, 35, 36)
    take_out(chain, NAMED, 3, 37, 38)
    _act(chain, "carrier", "deliverAndSettle", [NAMED.order(37)], bytes(31) + b"\x06", chain.legs)
    _act(chain, "merchant", "refund", [(NAMED.order(3), 1, 4_000, "一半坏了")], chain.legs)
    settle_batch(chain, UNNAMED, 0, 2)
    settle_batch(chain, false, 0, 1)
