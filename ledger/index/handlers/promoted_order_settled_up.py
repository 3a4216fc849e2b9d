"""Sponsors got their part of a promoted order's refunds so far, and its commissions were paid once it had ended."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ledger.index.context import Context
from ledger.index.double_entry import BUDGET, TO_SHOPPERS, Account, available, book_all
from ledger.index.events import PromotedOrderSettledUp
from ledger.index.feed import tell
from ledger.index.rows import Key, Rows
from ledger.index.texts import hex32
from ledger.store.schema import campaign, order, promotion, promotion_part


def apply(rows: Rows, event: PromotedOrderSettledUp, context: Context) -> None:
    order_id = hex32(event.order)
    rows.move(promotion, {"order_id": order_id}, {"settled_up_fen": event.refunded_fen})
    ended = rows.require(order, order_id)["state"] in ("settled", "refunded")
    movements: list[tuple[Account, int]] = []
    parties: set[int] = set()
    for place, (back, commission) in enumerate(zip(event.back_fen, event.commission_fen, strict=True)):
        part = rows.require(promotion_part, order_id, place)
        by = rows.require(campaign, part["campaign"])
        more = back - part["back_fen"]
        movements += [(TO_SHOPPERS, -more), (available(by["sponsor"]), more)]
        values = {"back_fen": back}
        if more:
            parties.add(by["sponsor"])
        if ended and part["reserved_fen"] and part["commission_fen"] is None:
            values["commission_fen"] = commission
            movements += [(BUDGET, -commission), (available(by["payee"]), commission)]
            parties.add(by["payee"])
        rows.move(promotion_part, {"order_id": order_id, "place": place}, values)
    book_all(rows, context, "settled_up", movements, order_id=order_id)
    tell(
        rows,
        event,
        context,
        member=rows.require(order, order_id)["merchant"],
        order_id=order_id,
        refunded_fen=event.refunded_fen,
        shopper_back_fen=event.shopper_back_fen,
        payees=sorted(parties),
    )


def touches(event: PromotedOrderSettledUp, _context: Context) -> Iterable[tuple[Table, Key]]:
    order_id = hex32(event.order)
    parts = ((promotion_part, (order_id, place)) for place in range(len(event.back_fen)))
    return ((promotion, (order_id,)), (order, (order_id,)), *parts)
