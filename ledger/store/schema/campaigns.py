"""Derived tables: campaigns, the orders that they promote, and what each does for each. A budget's use is a sum of rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from ledger.store.schema.base import UINT32, metadata

campaign = Table(
    "campaign",
    metadata,
    Column("campaign", UINT32, primary_key=True, autoincrement=False),
    Column("sponsor", UINT32, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),  # coupon, threshold, commission
    Column("rank", Integer, nullable=False),
    Column("repeats", Boolean, nullable=False),
    Column("sponsor_bps", Integer, nullable=False),
    Column("bps", Integer, nullable=False),  # 0: value_fen
    Column("value_fen", BigInteger, nullable=False),
    Column("threshold_fen", BigInteger, nullable=False),
    Column("cap_fen", BigInteger, nullable=False),  # 0: none
    Column("budget_fen", BigInteger, nullable=False),
    Column("payee", UINT32, nullable=False),  # 0: none
    Column("hold_seconds", UINT32, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),  # JSON; []: every rule's orders
    Column("opened_block", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Index(None, "sponsor"),
)

campaign_return = Table(
    "campaign_return",  # what went back to the sponsor after the end
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("campaign", UINT32, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "campaign"),
)

promotion = Table(
    "promotion",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("list_fen", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),  # the order's, which is split
    Column("shopper_fen", BigInteger, nullable=False),  # what of it the shopper pays
    Column("until", BigInteger, nullable=False),  # the reservation holds
    Column("state", String(8), nullable=False),  # reserved, released, paid
    Column("settled_up_fen", BigInteger, nullable=False),  # of the order's refunds, as far as sponsors got their part
    Index(None, "state"),
)

promotion_part = Table(
    "promotion_part",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),  # in stacking order, from 0
    Column("campaign", UINT32, nullable=False),
    Column("price_fen", BigInteger, nullable=False),  # that it was taken off
    Column("off_fen", BigInteger, nullable=False),
    Column("sponsor_fen", BigInteger, nullable=False),  # of it; the merchant bears the rest
    Column("reserved_fen", BigInteger, nullable=False),  # for the commission
    Column("commission_fen", BigInteger),  # paid, once; null: not yet
    Column("back_fen", BigInteger, nullable=False),  # of refunds, to the sponsor
    Index(None, "campaign"),
)
