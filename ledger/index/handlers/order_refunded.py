"""A part of an order, or what remained of it, goes back to the shopper: from escrow, or from each payee what the rule
gives it no more."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import ESCROW, TO_SHOPPERS, Account, available, book_all
from ledger.index.events import OrderRefunded
from ledger.index.feed import tell
from ledger.index.pinned_legs import legs_of
from ledger.index.rows import Key, Row, Rows
from ledger.index.texts import hex32
from ledger.settle.price import shopper_back_fen
from ledger.settle.split import allocate
from ledger.store.schema import order, promotion, refund


def apply(rows: Rows, event: OrderRefunded, context: Context) -> None:
    order_id = hex32(event.order)
    row = {
        "order_id": order_id,
        "number": event.number,
        "amount_fen": event.amount_fen,
        "settled": event.settled,
        "reason": event.reason,
        "state": "requested",
        "requested_block": context.block,
        "requested_at": context.at,
        "requested_tx": context.tx_hash,
        "shopper_fen": _shopper_fen(rows, event),
    }
    rows.insert_once(refund, row)
    moved = rows.move(
        order,
        {"order_id": order_id},
        {"refunded_fen": event.refunded_fen},
        only_if=lambda row: row["refunded_fen"] < event.refunded_fen,
    )
    if event.refunded_fen == moved["amount_fen"]:
        moved = rows.move(order, {"order_id": order_id}, {"state": "refunded"})
    giving = _from_payees(rows, moved, event) if event.settled else [(ESCROW, -event.amount_fen)]
    movements = [*giving, (TO_SHOPPERS, event.amount_fen)]
    book_all(rows, context, "refunded", movements, order_id=order_id, note=event.reason)
    tell(
        rows,
        event,
        context,
        member=moved["merchant"],
        order_id=order_id,
        number=event.number,
        amount_fen=event.amount_fen,
        reason=event.reason,
        payees=sorted({account.member for account, _ in giving if account.member is not None}),
    )


def touches(event: OrderRefunded, _context: Context) -> Iterable[tuple[Table, Key]]:
    order_id = hex32(event.order)
    return ((order, (order_id,)), (refund, (order_id, event.number)), (promotion, (order_id,)))


def _shopper_fen(rows: Rows, event: OrderRefunded) -> int | None:
    """The shopper's part of this refund of a promoted order; None of a plain one."""
    promoted = rows.get(promotion, hex32(event.order))
    if promoted is None:
        return None
    shopper, amount = promoted["shopper_fen"], promoted["amount_fen"]
    before = shopper_back_fen(event.refunded_fen - event.amount_fen, shopper, amount)
    return shopper_back_fen(event.refunded_fen, shopper, amount) - before


def _from_payees(rows: Rows, order: Row, event: OrderRefunded) -> list[tuple[Account, int]]:
    """By leg, what it holds from now on less what it held: a residual may gain."""
    legs = legs_of(rows, order)
    rest = order["amount_fen"] - event.refunded_fen
    held, kept = allocate(rest + event.amount_fen, legs), allocate(rest, legs)
    changes = zip(legs, held, kept, strict=True)
    return [(available(leg.payee), after - before) for leg, before, after in changes if after != before]
