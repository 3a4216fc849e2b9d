"""The buyers' money for a whole batch is held in escrow; its orders pin the rule's version, and from here on have rows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.errors import BrokenEvidence
from ledger.index.batches import batch_told, names_of, placeholder
from ledger.index.context import Context
from ledger.index.events import BatchPaid
from ledger.index.feed import tell
from ledger.index.handlers.order_placed import CURRENCY
from ledger.index.rows import Key, Row, Rows
from ledger.index.texts import hex32
from ledger.settle.batch_id import position_id
from ledger.settle.packed_amounts import unpack_amounts
from ledger.store.schema import batch, order


def apply(rows: Rows, event: BatchPaid, context: Context) -> None:
    batch_id = hex32(event.batch)
    placed = batch_told(rows, batch_id)
    pinned = {
        "version": event.version,
        "legs_hash": hex32(event.legs_hash),
        "paid_block": context.block,
        "paid_at": context.at,
        "bank_reference": event.bank_reference,
    }
    amounts_fen = _amounts(placed, event)
    names = names_of(context.stored.documents, placed)
    rows.move(batch, {"batch_id": batch_id}, {"state": "paid", **pinned, **names.columns})
    numbers = names.numbers or [placeholder(batch_id, position) for position in range(len(amounts_fen))]
    alike = {
        **{name: placed[name] for name in ("merchant", "rule", "carrier", "placed_block", "placed_at")},
        **pinned,
        "currency": CURRENCY,
        "state": "paid",
        "refunded_fen": 0,
        "batch_id": batch_id,
    }
    each = enumerate(zip(numbers, amounts_fen, strict=True))
    rows.insert_once(
        order,
        *(
            {**alike, "order_id": position_id(batch_id, at), "number": number, "amount_fen": fen, "position": at}
            for at, (number, fen) in each
        ),
    )
    tell(
        rows,
        event,
        context,
        member=placed["merchant"],
        batch=batch_id,
        carrier=placed["carrier"],
        count=placed["count"],
        total_fen=placed["total_fen"],
    )


def touches(event: BatchPaid, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((batch, (hex32(event.batch),)),)


def _amounts(placed: Row, event: BatchPaid) -> list[int]:
    """Fen by position. BrokenEvidence unless they are as many and sum to as much as the batch was placed with."""
    expected = placed["count"], placed["total_fen"]
    if len(event.amounts) == placed["count"] * placed["width"]:
        amounts_fen = unpack_amounts(event.amounts, placed["width"])
        if (len(amounts_fen), sum(amounts_fen)) == expected:
            return amounts_fen
    raise BrokenEvidence(
        f"The amounts of batch {placed['batch_id']} are not those of {expected[0]:,} orders of {expected[1]:,} fen together.",
        batch=placed["batch_id"],
    )
