"""An order leaves its batch, paid or settled as it is: from here on it is delivered, settled and refunded on its own."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.events import OrderTakenOut
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order


def apply(rows: Rows, event: OrderTakenOut, context: Context) -> None:
    order_id = hex32(event.order)
    alone = rows.move(order, {"order_id": order_id}, {"batch_id": None})
    tell(
        rows,
        event,
        context,
        member=alone["merchant"],
        order_id=order_id,
        batch=hex32(event.batch),
        amount_fen=event.amount_fen,
        settled=event.settled,
    )


def touches(event: OrderTakenOut, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)
