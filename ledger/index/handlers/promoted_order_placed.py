"""An order under campaigns: its price as the contract reckoned it, and what each campaign does for it."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import PromotedOrderPlaced
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import promotion, promotion_part


def apply(rows: Rows, event: PromotedOrderPlaced, _context: Context) -> None:
    order_id = hex32(event.order)
    row = {
        "order_id": order_id,
        "list_fen": event.list_fen,
        "amount_fen": event.amount_fen,
        "shopper_fen": event.shopper_fen,
        "until": event.until,
        "state": "reserved",
        "settled_up_fen": 0,
    }
    rows.insert_once(promotion, row)
    price = event.list_fen
    given = zip(event.campaigns, event.off_fen, event.sponsor_fen, event.commission_fen, strict=True)
    for place, (campaign, off, sponsor, commission) in enumerate(given):
        part = {
            "order_id": order_id,
            "place": place,
            "campaign": campaign,
            "price_fen": price,
            "off_fen": off,
            "sponsor_fen": sponsor,
            "reserved_fen": commission,
            "commission_fen": None,
            "back_fen": 0,
        }
        rows.insert_once(promotion_part, part)
        price -= off
