"""What the bank had paid to a shopper came back to it: it is to be paid again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BANK, TO_SHOPPERS, book_all
from ledger.index.events import RefundReturned
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order, refund


def apply(rows: Rows, event: RefundReturned, context: Context) -> None:
    order_id = hex32(event.order)
    values = {"state": "returned", "closed_at": context.at, "bank_reference": event.reason}
    # The contract takes the bank's word for which refund it paid: one that never was must not stop the line. The audit tells.
    if rows.get(refund, order_id, event.number) is not None:
        rows.move(refund, {"order_id": order_id, "number": event.number}, values)
    movements = [(BANK, -event.amount_fen), (TO_SHOPPERS, event.amount_fen)]
    book_all(rows, context, "refund_returned", movements, order_id=order_id, note=event.reason)
    told = rows.get(order, order_id)
    tell(
        rows,
        event,
        context,
        member=told["merchant"] if told else None,
        order_id=order_id,
        number=event.number,
        amount_fen=event.amount_fen,
        reason=event.reason,
    )


def touches(event: RefundReturned, _context: Context) -> Iterable[tuple[Table, Key]]:
    order_id = hex32(event.order)
    return ((order, (order_id,)), (refund, (order_id, event.number)))
