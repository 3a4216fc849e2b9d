"""Marked orders of a batch are delivered and settled together: each is split by the pinned rule, each payee credited once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Table

from ledger.errors import BrokenEvidence
from ledger.index.batches import batch_told, keys_of
from ledger.index.context import Context
from ledger.index.double_entry import ESCROW, available, book_all
from ledger.index.events import BatchSettled
from ledger.index.feed import tell
from ledger.index.pinned_legs import legs_of
from ledger.index.rows import Key, Row, Rows
from ledger.index.texts import hex32
from ledger.settle.batch_id import short_name
from ledger.settle.packed_amounts import positions_in
from ledger.settle.split import allocate_each
from ledger.store.schema import batch, order, payout


def apply(rows: Rows, event: BatchSettled, context: Context) -> None:
    batch_id = hex32(event.batch)
    placed = batch_told(rows, batch_id)
    orders = _settle(rows, batch_id, event, context)
    legs = legs_of(rows, placed)
    parts = allocate_each([row["amount_fen"] for row in orders], legs)
    totals_fen = [sum(of_leg) for of_leg in zip(*parts, strict=True)]
    if totals_fen != list(event.totals_fen):
        raise BrokenEvidence(
            f"Rule {placed['rule']}, version {placed['version']} splits these {len(orders):,} orders of batch {batch_id} "
            f"into {totals_fen} fen; the log says {list(event.totals_fen)}.",
            batch=batch_id,
        )
    place = (context.block, context.at, context.tx_hash)
    payees = [leg.payee for leg in legs]
    rows.append(
        payout,
        *(
            (row["order_id"], leg, payees[leg], fen, *place)
            for row, part in zip(orders, parts, strict=True)
            for leg, fen in enumerate(part)
            if fen
        ),
    )
    credited: dict[int, int] = defaultdict(int)
    for payee, fen in zip(payees, totals_fen, strict=True):
        credited[payee] += fen
    movements = [(ESCROW, -sum(totals_fen)), *((available(payee), fen) for payee, fen in credited.items())]
    note = f"batch {short_name(batch_id)}, {len(orders)} orders"
    book_all(rows, context, "credited", movements, order_id=batch_id, note=note)
    tell(
        rows,
        event,
        context,
        member=placed["merchant"],
        batch=batch_id,
        carrier=event.carrier,
        count=len(orders),
        payees=payees,
        parts_fen=totals_fen,
    )


def touches(event: BatchSettled, _context: Context) -> Iterable[tuple[Table, Key]]:
    batch_id = hex32(event.batch)
    return ((batch, (batch_id,)), *((order, key) for key in keys_of(batch_id, positions_in(event.settled))))


def _settle(rows: Rows, batch_id: str, event: BatchSettled, context: Context) -> list[Row]:
    """The marked orders, by position, as they are then."""
    values = {
        "state": "settled",
        "delivered_block": context.block,
        "delivered_at": context.at,
        "delivered_tx": context.tx_hash,
        "evidence": event.evidence.hex(),
        "settled_block": context.block,
        "settled_at": context.at,
        "settled_tx": context.tx_hash,
    }
    return [
        rows.move(order, {"order_id": order_id}, values, only_if=lambda row: row["state"] == "paid")
        for (order_id,) in keys_of(batch_id, positions_in(event.settled))
    ]
