"""The tables. *Derived* tables are a view of the chain and the document store: they can be dropped and rebuilt, and the
rebuilt rows are the same. *Local* tables belong to this home alone: what it is about to send, and what banks were told.

Money is integer fen. Times are whole seconds since the Unix epoch (UTC) where the chain gives them, ISO 8601 text where
a person or a device did. A member is its number on chain; `block`, `log_index` say which log a row comes from.

A change of a table needs a migration: see ledger/store/migrations.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# --- continuity ------------------------------------------------------------------------------------------------------

cursor = Table(
    "cursor",
    metadata,
    Column("name", String(32), primary_key=True),  # "ledger"
    Column("next_block", BigInteger, nullable=False),
    Column("block_hash", String(66), nullable=False),  # of next_block - 1
)

index_error = Table(
    "index_error",  # why the line stands still: one row while it does
    metadata,
    Column("name", String(32), primary_key=True),  # "ledger"
    Column("next_block", BigInteger),  # where it stands; null when not even that is known
    Column("at", BigInteger, nullable=False),  # since when
    Column("sentence", Text, nullable=False),
)

block = Table(
    "block",  # blocks that carry a log of ours
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
    Column("timestamp", BigInteger, nullable=False),
)

# --- derived: members ------------------------------------------------------------------------------------------------

member = Table(
    "member",
    metadata,
    Column("member", Integer, primary_key=True, autoincrement=False),
    Column("account", String(42), nullable=False, unique=True),  # EIP-55
    Column("roles", Integer, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("block", BigInteger, nullable=False),
)

location = Table(
    "location",
    metadata,
    Column("gln", String(13), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)

product = Table(
    "product",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)

grant_revoked = Table(
    "grant_revoked",
    metadata,
    Column("grant_hash", String(66), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("block", BigInteger, nullable=False),
)

# --- derived: evidence -----------------------------------------------------------------------------------------------

statement = Table(
    "statement",
    metadata,
    Column("commitment", String(64), primary_key=True),  # hex of SHA-256(salt || event hash), no prefix
    Column("member", Integer, primary_key=True, autoincrement=False),
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
    Column("member", Integer, nullable=False),
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
    Column("position", Integer, nullable=False),
    Index(None, "root", "position"),
)

recall = Table(
    "recall",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("lot", String(20), primary_key=True),
    Column("opened_block", BigInteger, primary_key=True, autoincrement=False),
    Column("opened_log_index", Integer, primary_key=True, autoincrement=False),
    Column("member", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_block", BigInteger),
    Column("closed_at", BigInteger),
)

# --- derived: money --------------------------------------------------------------------------------------------------

rule_version = Table(
    "rule_version",
    metadata,
    Column("rule", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("merchant", Integer, nullable=False),
    Column("base", Integer, nullable=False),
    Column("legs_hash", String(66), nullable=False),
    Column("proposed_block", BigInteger, nullable=False),
    Column("adopted_block", BigInteger),  # null: signatures are missing
)

rule_leg = Table(
    "rule_leg",
    metadata,
    Column("rule", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("leg", Integer, primary_key=True, autoincrement=False),  # 0-based
    Column("payee", Integer, nullable=False),
    Column("kind", String(8), nullable=False),  # fixed, share, residual
    Column("value", BigInteger, nullable=False),  # fen or basis points
    Column("cap_fen", BigInteger, nullable=False),  # 0: none
)

rule_signature = Table(
    "rule_signature",
    metadata,
    Column("rule", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("member", Integer, primary_key=True, autoincrement=False),
    Column("signed_block", BigInteger),  # null: required and missing
)

order = Table(
    "orders",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("merchant", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),  # CNY
    Column("rule", Integer, nullable=False),
    Column("carrier", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # placed, paid, delivered, settled
    Column("version", Integer),  # pinned when paid
    Column("legs_hash", String(66)),
    Column("placed_block", BigInteger, nullable=False),
    Column("placed_at", BigInteger, nullable=False),
    Column("paid_block", BigInteger),
    Column("paid_at", BigInteger),
    Column("bank_reference", Text),
    Column("delivered_block", BigInteger),
    Column("delivered_at", BigInteger),
    Column("delivered_tx", String(66)),
    Column("evidence", String(64)),
    Column("settled_block", BigInteger),
    Column("settled_at", BigInteger),
    Column("settled_tx", String(66)),
    # Not unique: the order id is. Two numbers that differ in bytes which no text holds may read alike.
    Index(None, "merchant", "number"),
    Index(None, "state"),
)

payout = Table(
    "payout",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("leg", Integer, primary_key=True, autoincrement=False),
    Column("payee", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("credited_at", BigInteger, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Index(None, "payee", "credited_at"),
)

entry = Table(
    "entry",  # double entry: the rows of one log sum to zero; a balance is a sum of rows, never kept
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("account", String(10), nullable=False),  # bank, escrow, available, in_transit
    Column("member", Integer),  # for available and in_transit
    Column("amount_fen", BigInteger, nullable=False),  # signed
    Column("kind", String(12), nullable=False),  # minted, credited, transferred, withdrawn, booked, returned
    Column("order_id", String(66)),
    Column("withdrawal", BigInteger),
    Column("note", Text),  # the bank's reference, the memo of a transfer, the reason of a return
    Column("at", BigInteger, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Index(None, "member", "account", "at"),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("withdrawal", BigInteger, primary_key=True, autoincrement=False),
    Column("member", Integer, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # requested, booked, returned
    Column("requested_block", BigInteger, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("closed_block", BigInteger),
    Column("closed_at", BigInteger),
    Column("bank_reference", Text),  # or the reason of a return
)

frozen = Table(
    "frozen",
    metadata,
    Column("member", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)

feed = Table(
    "feed",  # what happened, in order, for those who listen: one row a log that a person cares for
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),  # the chain event's name in snake case
    Column("member", Integer),  # the party it concerns most
    Column("lot_key", Text),
    Column("order_id", String(66)),
    Column("data", Text, nullable=False),  # JSON object
)

DERIVED: tuple[Table, ...] = (
    block, member, location, product, grant_revoked, event, event_item, event_order, statement, items_committed, item,
    recall, rule_version, rule_leg, rule_signature, order, payout, entry, withdrawal, frozen, feed,
)  # fmt: skip
"""In an order in which rows can be inserted; deleted in the reverse."""

# --- local -----------------------------------------------------------------------------------------------------------

outbox = Table(
    "outbox",  # what this home sends: stored with its cause, signed, stored again, sent, followed to its final block
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # idempotent by content: "record:farm:<digest>"
    Column("account", String(42), nullable=False),
    Column("contract", String(32), nullable=False),
    Column("function", String(64), nullable=False),
    Column("to", String(42), nullable=False),
    Column("data", Text, nullable=False),  # calldata, 0x hex
    Column("gas", BigInteger, nullable=False),
    # JSON of the signed session under which the member's signer signs; null for this home's own key
    Column("authority", Text),
    Column("state", String(10), nullable=False),  # queued, signed, sent, final, reverted
    Column("nonce", BigInteger),
    Column("raw", Text),  # signed transaction, 0x hex
    Column("tx_hash", String(66)),
    Column("block", BigInteger),
    Column("error", Text),  # a sentence
    Column("queued_at", BigInteger, nullable=False),
    UniqueConstraint("account", "nonce"),
    Index(None, "state"),
)

capture_job = Table(
    "capture_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("error_behaviour", String(8), nullable=False),  # rollback, proceed
    Column("document", String(64)),
    Column("result", Text, nullable=False),  # JSON: accepted, repeated and refused events with reasons
)

captured = Table(
    "captured",  # statements that this home accepted, with the transaction that carries each
    metadata,
    Column("commitment", String(64), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("event_hash", String(64), nullable=False),
    Column("job", String(36), ForeignKey("capture_job.id"), nullable=False),
    Column("outbox", Integer, ForeignKey("outbox.id"), nullable=False),
    Index(None, "job"),
)

item_batch = Table(
    "item_batch",  # codes that this home made, by the maker's name for the batch
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("lot", String(20), primary_key=True),
    Column("batch", Text, primary_key=True),
    Column("manifest", String(64), nullable=False),
    Column("root", String(64), nullable=False),
    Column("count", Integer, nullable=False),
    Column("outbox", Integer, ForeignKey("outbox.id"), nullable=False),
)

granted = Table(
    "granted",  # grants that members handed to this home's API, so that web forms can act under them
    metadata,
    Column("grant_hash", String(66), primary_key=True),
    Column("member", Integer, nullable=False),
    Column("delegate", String(42), nullable=False),  # this home's relay account
    Column("acts", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("salt", String(66), nullable=False),
    Column("signature", Text, nullable=False),  # 0x hex
    Column("handed_in_at", BigInteger, nullable=False),
    Index(None, "member"),
)

bank_account = Table(
    "bank_account",
    metadata,
    Column("member", Integer, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    Column("number", String(34), nullable=False),
    Column("bank_code", String(14), nullable=False),  # CNAPS code
)

payment_file = Table(
    "payment_file",  # pain.001 files written, each with the withdrawals it pays
    metadata,
    Column("message_id", String(35), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("document", String(64), nullable=False),
)

payment = Table(
    "payment",
    metadata,
    Column("end_to_end_id", String(35), primary_key=True),
    Column("message_id", String(35), ForeignKey("payment_file.message_id"), nullable=False),
    Column("withdrawal", BigInteger, nullable=False, unique=True),
    Column("amount_fen", BigInteger, nullable=False),
)

LOCAL: tuple[Table, ...] = (outbox, capture_job, captured, item_batch, granted, bank_account, payment_file, payment)
