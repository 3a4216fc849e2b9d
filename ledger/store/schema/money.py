"""Derived tables: rules, orders, payouts, the double entry and withdrawals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, false

from ledger.store.schema.base import UINT32, metadata

rule_version = Table(
    "rule_version",
    metadata,
    Column("rule", UINT32, primary_key=True, autoincrement=False),
    Column("version", UINT32, primary_key=True, autoincrement=False),
    Column("merchant", UINT32, nullable=False),
    Column("base", UINT32, nullable=False),
    Column("legs_hash", String(66), nullable=False),
    Column("proposed_block", BigInteger, nullable=False),
    Column("adopted_block", BigInteger),  # null: signatures are missing
)

rule_leg = Table(
    "rule_leg",
    metadata,
    Column("rule", UINT32, primary_key=True, autoincrement=False),
    Column("version", UINT32, primary_key=True, autoincrement=False),  # or as pinned: see rule_variant
    Column("leg", Integer, primary_key=True, autoincrement=False),  # 0-based
    Column("payee", UINT32, nullable=False),
    Column("kind", String(8), nullable=False),  # fixed, share, residual, step, nested
    Column("value", BigInteger, nullable=False),  # fen or basis points
    Column("cap_fen", BigInteger, nullable=False),  # 0: none
    Column("floor_fen", BigInteger, nullable=False),  # 0: none; of a step its volume
    Column(
        "nested", Boolean, nullable=False, server_default=false()
    ),  # of a nested rule: divides the last leg before it that is not
)

rule_variant = Table(
    "rule_variant",  # what payments resolved a version with steps or nested rules to; its legs are rows of rule_leg
    metadata,
    Column("rule", UINT32, primary_key=True, autoincrement=False),
    Column("pinned", UINT32, primary_key=True, autoincrement=False),  # as orders do: version + 65,536 × variant
    Column("version", UINT32, nullable=False),
    Column("tiers", Text, nullable=False),  # JSON, of each share with steps: 0, or the number of its step
    Column("nested_versions", Text, nullable=False),  # JSON, of each nested rule
    Column("legs_hash", String(66), nullable=False),
    Column("block", BigInteger, nullable=False),
)

rule_signature = Table(
    "rule_signature",
    metadata,
    Column("rule", UINT32, primary_key=True, autoincrement=False),
    Column("version", UINT32, primary_key=True, autoincrement=False),
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("signed_block", BigInteger),  # null: required and missing
)

batch = Table(
    "batch",
    metadata,
    Column("batch_id", String(66), primary_key=True),
    Column("merchant", UINT32, nullable=False),
    Column("rule", UINT32, nullable=False),
    Column("carrier", UINT32, nullable=False),
    Column("count", Integer, nullable=False),  # of its orders
    Column("width", Integer, nullable=False),  # bytes of a packed amount
    Column("total_fen", BigInteger, nullable=False),
    Column("manifest", String(64), nullable=False),  # SHA-256, as committed to
    Column("amounts_root", String(66), nullable=False),
    Column("state", String(6), nullable=False),  # placed, paid
    Column("named", Boolean, nullable=False),  # the manifest is here and gives its orders their numbers
    Column("fault", Text),  # in words, of a manifest that is not what was committed to
    Column("version", UINT32),  # pinned when paid
    Column("legs_hash", String(66)),
    Column("placed_block", BigInteger, nullable=False),
    Column("placed_at", BigInteger, nullable=False),
    Column("paid_block", BigInteger),
    Column("paid_at", BigInteger),
    Column("bank_reference", Text),
    Index(None, "merchant"),
    Index(None, "manifest"),
)

order = Table(
    "orders",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("merchant", UINT32, nullable=False),
    Column("number", Text, nullable=False),  # of one in a batch whose manifest is not here: 1a2b3c4d/POSITION
    Column("amount_fen", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),  # CNY
    Column("rule", UINT32, nullable=False),
    Column("carrier", UINT32, nullable=False),
    Column("state", String(10), nullable=False),  # placed, paid, delivered, settled, refunded (in full)
    Column("refunded_fen", BigInteger, nullable=False),  # so far
    Column("version", UINT32),  # pinned when paid
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
    Column(
        "batch_id", String(66)
    ),  # of the batch that it is in; null: on its own, from the beginning or since taken out
    Column("position", Integer),  # in the batch that it came in, from 0; null: in none
    # Not unique: the order id is. Two numbers that differ in bytes which no text holds may read alike.
    Index(None, "merchant", "number"),
    Index(None, "state"),
)

payout = Table(
    "payout",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("leg", Integer, primary_key=True, autoincrement=False),
    Column("payee", UINT32, nullable=False),
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
    Column("account", String(12), nullable=False),  # bank, escrow, available, in_transit, to_shoppers, fund, budget
    Column("member", UINT32),  # for available and in_transit
    Column("amount_fen", BigInteger, nullable=False),  # signed
    Column("kind", String(16), nullable=False),  # see ledger.index.double_entry.Kind
    Column("order_id", String(66)),
    Column("withdrawal", BigInteger),
    Column("note", Text),  # the bank's reference, the memo of a transfer, the reason of a return
    Column("at", BigInteger, nullable=False),
    Column("tx_hash", String(66), nullable=False),
    Index(None, "member", "account", "at"),
)

refund = Table(
    "refund",
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the order's refunds, counted from 1
    Column("amount_fen", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),  # taken from payees; false: from escrow
    Column("reason", Text, nullable=False),
    # requested; booked; returned: what the bank had paid came back to it, and is to be paid again
    Column("state", String(9), nullable=False),
    Column("requested_block", BigInteger, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("requested_tx", String(66), nullable=False),
    Column("closed_at", BigInteger),
    Column("bank_reference", Text),  # or the reason of a return
    Column("shopper_fen", BigInteger),  # of a promoted order: the shopper's part, the rest is its sponsors'; null: all
    Index(None, "state"),
)

debt = Table(
    "debt",  # beside the supply: what members owe and what is due to shoppers are sums of these rows
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("member", UINT32),  # null: money that was paid into the guarantee fund and went on to shoppers
    Column("owed_fen", BigInteger, nullable=False),  # signed
    Column("due_fen", BigInteger, nullable=False),  # signed
    Column("at", BigInteger, nullable=False),
    Index(None, "member"),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("withdrawal", BigInteger, primary_key=True, autoincrement=False),
    Column("member", UINT32, nullable=False),
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
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)
