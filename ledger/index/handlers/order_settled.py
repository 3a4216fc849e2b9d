"""Every fen of an order is placed: each leg of the rule version that it pins is credited its part, from escrow."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import ESCROW, available, book_all
from ledger.index.events import OrderSettled
from ledger.index.feed import tell
from ledger.index.pinned_legs import payees_of
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import order, payout


def apply(rows: Rows, event: OrderSettled, context: Context) -> None:
    order_id = hex32(event.order)
    values = {
        "state": "settled",
        "settled_block": context.block,
        "settled_at": context.at,
        "settled_tx": context.tx_hash,
    }
    settled = rows.move(order, {"order_id": order_id}, values, only_if=lambda row: row["state"] == "delivered")
    payees, parts = payees_of(rows, settled), parts_of(event.parts)
    place = (context.block, context.at, context.tx_hash)
    credited = [(leg, *paid) for leg, paid in enumerate(zip(payees, parts, strict=True)) if paid[1]]
    rows.append(payout, *((order_id, *one, *place) for one in credited))
    movements = [(ESCROW, -sum(parts)), *((available(payee), fen) for _, payee, fen in credited)]
    book_all(rows, context, "credited", movements, order_id=order_id)
    tell(rows, event, context, member=settled["merchant"], order_id=order_id, payees=payees, parts_fen=parts)


def touches(event: OrderSettled, _context: Context) -> Iterable[tuple[Table, Key]]:
    return ((order, (hex32(event.order),)),)


def parts_of(packed: bytes) -> list[int]:
    """Fen by leg, 8 bytes each."""
    return [int.from_bytes(packed[at : at + 8], "big") for at in range(0, len(packed), 8)]
