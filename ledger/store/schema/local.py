"""Local tables: what this home is about to send, what it took in, and what banks were told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ledger.store.schema.base import UINT32, metadata

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
    Column("attempt", Integer, nullable=False, server_default="0"),  # how often it was replaced by one that offers more
    Column("earlier", Text),  # hashes of the transactions that it was before, by spaces: one of them may be mined yet
    UniqueConstraint("account", "nonce"),
    Index(None, "state", "block"),
)

capture_job = Table(
    "capture_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("error_behaviour", String(8), nullable=False),  # rollback, proceed
    Column("document", String(64)),
    Column("result", Text, nullable=False),  # JSON: accepted, repeated and refused events with reasons
)

captured = Table(
    "captured",  # statements that this home accepted, with the transaction that carries each
    metadata,
    Column("commitment", String(64), primary_key=True),
    Column("member", UINT32, nullable=False),
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
    Column("count", UINT32, nullable=False),
    Column("outbox", Integer, ForeignKey("outbox.id"), nullable=False),
)

granted = Table(
    "granted",  # grants that members handed to this home's API, so that web forms can act under them
    metadata,
    Column("grant_hash", String(66), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("delegate", String(42), nullable=False),  # this home's relay account
    Column("acts", UINT32, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("salt", String(66), nullable=False),
    Column("signature", Text, nullable=False),  # 0x hex
    Column("handed_in_at", BigInteger, nullable=False),
    Index(None, "member"),
)

bank_account = Table(
    "bank_account",
    metadata,
    Column("identity", String(64), primary_key=True),  # SHA-256 of the rest
    Column("member", UINT32, nullable=False, index=True),
    Column("holder", Text, nullable=False),
    Column("number", String(34), nullable=False),
    Column("bank_code", String(14), nullable=False),  # CNAPS code
    Column("named_at", BigInteger, nullable=False),  # by the member, and signed
    Column("seen_at", BigInteger, nullable=False),
)

bank_account_signature = Table(
    "bank_account_signature",
    metadata,
    Column("identity", String(64), ForeignKey("bank_account.identity"), primary_key=True),
    Column("key", String(42), primary_key=True),  # EIP-55
    Column("signature", Text, nullable=False),  # 0x hex
    Column("seen_at", BigInteger, nullable=False),
)

payer_account = Table(
    "payer_account",  # the account that an order was paid from, as the bank told it or its people: refunds go there
    metadata,
    Column("order_id", String(66), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("number", String(34), nullable=False),
    Column("bank_code", String(14), nullable=False),  # CNAPS code
)

payment_file = Table(
    "payment_file",  # pain.001 files written, each with the withdrawals and refunds it pays
    metadata,
    Column("message_id", String(35), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("document", String(64), nullable=False),
)

payment = Table(
    "payment",  # of a withdrawal, or an attempt to pay an order's refund
    metadata,
    Column("end_to_end_id", String(35), primary_key=True),
    Column("message_id", String(35), ForeignKey("payment_file.message_id"), nullable=False),
    Column("withdrawal", BigInteger, unique=True),
    Column("order_id", String(66)),
    Column("refund", Integer),  # number of the order's refund
    Column("attempt", Integer),  # counted from 1: what came back is paid again
    Column("returned_at", BigInteger),  # of a refund: when the bank's statement showed that it came back
    Column("amount_fen", BigInteger, nullable=False),
    UniqueConstraint("order_id", "refund", "attempt"),
)
