"""Derived tables: what was said about goods, item codes, recalls; and the feed of all that happens."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from ledger.store.schema.base import UINT32, metadata

statement = Table(
    "statement",
    metadata,
    Column("commitment", String(64), primary_key=True),  # hex of SHA-256(salt || event hash), no prefix
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("grant_hash", String(66)),  # null: sent by the member's own account
    Column("block", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    # What the opening in the document store says; null while it is sealed (the store does not hold it).
    Column("event_hash", String(64)),  # hex, no prefix
    Column("salt", String(64)),
    Column("document", String(64)),  # SHA-256 of the captured document's bytes, in the document store
    Column("position", Integer),  # 0-based place of the event in the document
    Column("event_id", Text),  # the eventID that stands in this member's document; not part of the hash
    Index(None, "event_hash"),
    Index(None, "event_id"),
)

event = Table(
    "event",  # one a hash, from the document of its first statement
    metadata,
    Column("event_hash", String(64), primary_key=True),
    Column("event_type", String(32), nullable=False),  # ObjectEvent, AggregationEvent, ...
    Column("event_time", String(40), nullable=False),  # UTC, ISO 8601 with milliseconds and Z
    Column("time_zone_offset", String(8), nullable=False),  # +08:00
    Column("action", String(8)),
    Column("biz_step", Text),  # bare CBV word (shipping) or a URI
    Column("disposition", Text),
    Column("read_point", Text),  # canonical Digital Link URI or as said
    Column("biz_location", Text),
    Column("read_point_gln", String(13)),
    Column("biz_location_gln", String(13)),
    Column("body", Text, nullable=False),  # the event as captured: JSON
    Column("block", BigInteger, nullable=False),
)

event_item = Table(
    "event_item",  # every EPC, class and quantity that an event names
    metadata,
    Column("event_hash", String(64), ForeignKey("event.event_hash"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("role", String(8), nullable=False),  # object, parent, child, input, output
    Column("epc", Text, nullable=False),  # canonical Digital Link URI (https://id.gs1.org/...) or as said
    # "{gtin14}/{lot}" for an LGTIN or an item of a lot, "{sscc}" for a logistic unit, else the EPC
    Column("lot_key", Text),
    Column("gtin", String(14)),
    Column("lot", Text),
    Column("serial", Text),
    Column("sscc", String(18)),
    Column("quantity", Text),  # decimal as said; never a float
    Column("uom", Text),
    Index(None, "lot_key", "role"),
    Index(None, "lot"),
    Index(None, "gtin"),
)

event_order = Table(
    "event_order",  # every business transaction that an event names
    metadata,
    Column("event_hash", String(64), ForeignKey("event.event_hash"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("type", Text),  # po, desadv, ... or a URI
    Column("biz_transaction", Text, nullable=False),
    Index(None, "biz_transaction"),
)

items_committed = Table(
    "items_committed",
    metadata,
    Column("root", String(64), primary_key=True),
    Column("gtin", String(14), nullable=False),
    Column("lot", String(20), nullable=False),
    Column("member", UINT32, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("manifest", String(64), nullable=False),
    # A sentence when the manifest is not what the member committed to; it then has no rows in `item`.
    Column("fault", Text),
    Column("block", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Column("committed_at", BigInteger, nullable=False),
    Index(None, "gtin", "lot"),
)

item = Table(
    "item",  # one a serial, from the manifest in the document store; a serial committed twice stands twice
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("serial", String(20), primary_key=True),
    Column("root", String(64), primary_key=True),
    Column("lot", String(20), nullable=False),
    Column("position", UINT32, nullable=False),
    Index(None, "root", "position"),
)

recall = Table(
    "recall",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("lot", String(20), primary_key=True),
    Column("opened_block", BigInteger, primary_key=True, autoincrement=False),
    Column("opened_log_index", Integer, primary_key=True, autoincrement=False),
    Column("member", UINT32, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_block", BigInteger),
    Column("closed_at", BigInteger),
)

feed = Table(
    "feed",  # what happened, in order, for those who listen: one row a log that a person cares for
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),  # the chain event's name in snake case
    Column("member", UINT32),  # the party it concerns most
    Column("lot_key", Text),
    Column("order_id", String(66)),
    Column("data", Text, nullable=False),  # JSON object
)
