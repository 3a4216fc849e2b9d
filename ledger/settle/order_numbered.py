"""An order by its merchant's number: on its own, in a batch, or taken out of one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.settle.order_id import order_id
from ledger.store.schema import order as orders


def order_numbered(connection: Connection, merchant: int, number: str) -> Row[Any] | None:
    """The row; None when there is none. Of several, the one that was placed on its own, else the first."""
    exact = select(orders).where(orders.c.order_id == order_id(merchant, number))
    row = connection.execute(exact).one_or_none()
    if row is not None:
        return row
    in_batches = select(orders).where(orders.c.merchant == merchant, orders.c.number == number)
    return connection.execute(in_batches.order_by(orders.c.placed_block, orders.c.order_id).limit(1)).one_or_none()
