"""Builders: batches of orders as the indexer leaves them, in the consortium of `row_builders`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from row_builders import CARRIER, MERCHANT, NOW
from sqlalchemy import Connection, insert, update

from ledger.settle.batch_id import BatchTerms, batch_id, position_id
from ledger.settle.batch_manifest import BatchManifest, write_batch_manifest
from ledger.settle.packed_amounts import pack_amounts, root_of, width_of
from ledger.store import schema
from ledger.store.documents import Documents


def a_batch(
    connection: Connection,
    documents: Documents,
    numbers: Sequence[str] = ("B-0", "B-1", "B-2"),
    *,
    amount_fen: int = 10_000,
    state: str = "paid",
    **values: Any,
) -> str:
    """A batch of rule 1 as far as `state`; order n is of amount_fen + n. Its id."""
    merchant = values.pop("merchant", MERCHANT)
    manifest = BatchManifest(merchant, tuple(numbers), tuple(amount_fen + at for at in range(len(numbers))))
    width = width_of(manifest.amounts_fen)
    root = root_of(pack_amounts(manifest.amounts_fen, width), width).hex()
    digest = documents.put(write_batch_manifest(manifest))
    terms = BatchTerms(digest, root, manifest.total_fen, 1, CARRIER, len(numbers), width)
    identity = batch_id(merchant, terms)
    alike = {"merchant": merchant, "rule": 1, "carrier": CARRIER, "placed_block": 10, "placed_at": NOW}
    if state == "paid":
        alike |= {"version": 1, "paid_block": 11, "paid_at": NOW, "bank_reference": "BUY-B"}
    row = {"batch_id": identity, "count": len(numbers), "width": width, "total_fen": manifest.total_fen}
    row |= {"manifest": digest, "amounts_root": f"0x{root}", "state": state, "named": True, **alike, **values}
    connection.execute(insert(schema.batch).values(**row))
    if state == "paid":
        common = {**alike, "currency": "CNY", "state": "paid", "refunded_fen": 0, "batch_id": identity}
        connection.execute(
            insert(schema.order),
            [
                {**common, "order_id": position_id(identity, at), "number": number, "amount_fen": fen, "position": at}
                for at, (number, fen) in enumerate(zip(numbers, manifest.amounts_fen, strict=True))
            ],
        )
    return identity


def change_order(connection: Connection, number: str, **values: Any) -> None:
    """As a log would change the row."""
    connection.execute(update(schema.order).where(schema.order.c.number == number).values(**values))


def taken_out(connection: Connection, number: str) -> None:
    change_order(connection, number, batch_id=None)
