"""Marked orders of a batch go back to their shoppers whole: from escrow, or from each payee all that the rule gave it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Table

from ledger.index.batches import batch_told, keys_of
from ledger.index.context import Context
from ledger.index.double_entry import ESCROW, TO_SHOPPERS, Account, available, book_all
from ledger.index.events import BatchRefunded
from ledger.index.feed import tell
from ledger.index.pinned_legs import legs_of
from ledger.index.rows import Key, Row, Rows, never_told
from ledger.index.texts import hex32
from ledger.settle.packed_amounts import positions_in
from ledger.settle.split import allocate_each
from ledger.store.schema import batch, order, refund

NUMBER = 1  # of an order's refunds: in a batch the whole order goes back at once


def apply(rows: Rows, event: BatchRefunded, context: Context) -> None:
    batch_id = hex32(event.batch)
    placed = batch_told(rows, batch_id)
    orders = [_told(rows, order_id) for (order_id,) in keys_of(batch_id, positions_in(event.refunded))]
    rows.insert_once(refund, *(_refund(row, event, context) for row in orders))
    for row in orders:
        gone = {"state": "refunded", "refunded_fen": row["amount_fen"]}
        rows.move(order, {"order_id": row["order_id"]}, gone)
    giving = _from_each(rows, placed, orders)
    total_fen = sum(row["amount_fen"] for row in orders)
    movements = [*giving.items(), (TO_SHOPPERS, total_fen)]
    book_all(rows, context, "refunded", movements, order_id=batch_id, note=event.reason)
    tell(
        rows,
        event,
        context,
        member=placed["merchant"],
        batch=batch_id,
        carrier=placed["carrier"],
        count=len(orders),
        amount_fen=total_fen,
        reason=event.reason,
        payees=sorted({account.member for account in giving if account.member is not None}),
    )


def touches(event: BatchRefunded, _context: Context) -> Iterable[tuple[Table, Key]]:
    batch_id = hex32(event.batch)
    yield batch, (batch_id,)
    for (order_id,) in keys_of(batch_id, positions_in(event.refunded)):
        yield order, (order_id,)
        yield refund, (order_id, NUMBER)


def _told(rows: Rows, order_id: str) -> Row:
    row = rows.get(order, order_id)
    if row is None:
        raise never_told(order, order_id)
    return row


def _refund(row: Row, event: BatchRefunded, context: Context) -> Row:
    return {
        "order_id": row["order_id"],
        "number": NUMBER,
        "amount_fen": row["amount_fen"],
        "settled": _settled(row),
        "reason": event.reason,
        "state": "requested",
        "requested_block": context.block,
        "requested_at": context.at,
        "requested_tx": context.tx_hash,
    }


def _settled(row: Row) -> bool:
    """Also when this log is told again and the order is refunded already."""
    return row["settled_block"] is not None


def _from_each(rows: Rows, placed: Row, orders: Sequence[Row]) -> dict[Account, int]:
    """What escrow gives for those not settled, and each payee for the others; signed fen."""
    giving: dict[Account, int] = defaultdict(int)
    giving[ESCROW] = -sum(row["amount_fen"] for row in orders if not _settled(row))
    legs = legs_of(rows, placed)
    for parts in allocate_each([row["amount_fen"] for row in orders if _settled(row)], legs):
        for leg, fen in zip(legs, parts, strict=True):
            giving[available(leg.payee)] -= fen
    return giving
