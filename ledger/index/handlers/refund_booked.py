"""The bank paid a refund to the shopper; its credit is burned."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BANK, TO_SHOPPERS, book_all
from ledger.index.events import RefundBooked
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order, refund


def apply(rows: Rows, event: RefundBooked, context: Context) -> None:
    order_id = hex32(event.order)
    values = {"state": "booked", "closed_at": context.at, "bank_reference": event.bank_reference}
    # The contract takes the bank's word for which refund it paid: one that never was must not stop the line. The audit tells.
    if rows.get(refund, order_id, event.number) is not None:
        rows.move(refund, {"order_id": order_id, "number": event.number}, values)
    movements = [(TO_SHOPPERS, -event.amount_fen), (BANK, event.amount_fen)]
    book_all(rows, context, "refund_booked", movements, order_id=order_id, note=event.bank_reference)
    told = rows.get(order, order_id)
    tell(
        rows,
        event,
        context,
        member=told["merchant"] if told else None,
        order_id=order_id,
        number=event.number,
        amount_fen=event.amount_fen,
        bank_reference=event.bank_reference,
    )


def touches(event: RefundBooked, _context: Context) -> Iterable[tuple[Table, Key]]:
    order_id = hex32(event.order)
    return ((order, (order_id,)), (refund, (order_id, event.number)))
