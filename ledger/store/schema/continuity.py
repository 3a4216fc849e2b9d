"""How far the rows tell, and what holds them up."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from ledger.store.schema.base import metadata

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

reorganisation = Table(
    "reorganisation",  # each time that the chain replaced blocks which the rows told of; written with the rows that changed
    metadata,
    Column("id", Integer, primary_key=True),  # rises; places in the feed carry it, so no row is ever removed
    Column("ancestor", BigInteger, nullable=False),  # the last block that stayed
    Column("head", BigInteger, nullable=False),  # the last block that was replaced
    Column("at", BigInteger, nullable=False),
)

raw_block = Table(
    "raw_block",  # blocks with a log that is followed, and each block near the head
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("parent_hash", LargeBinary, nullable=False),
    Column("receipts_root", LargeBinary, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("logs", Integer, nullable=False),  # how many of its logs have raw rows
    # The receipts root was recomputed, and our logs are those of the receipts.
    Column("verified", Boolean, nullable=False),
)

raw_table = Table(
    "raw_table",  # the tables of raw rows, which are made from contracts' ABIs: log_<event>
    metadata,
    Column("name", String(63), primary_key=True),
    Column("shape", Text, nullable=False),  # JSON: signature, and [column, type, indexed] of each argument
)

journal = Table(
    "journal",  # what blocks that may still be replaced changed in derived rows
    metadata,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("before", Text, nullable=False),  # JSON: [table, key, row or null] of each row as it was before the block
)

handler = Table(
    "handler",  # by which handlers the derived rows were made
    metadata,
    Column("event", String(63), primary_key=True),
    Column("code", String(64), nullable=False),  # digest of the handler and what it rests on
)

index_count = Table(
    "index_count",  # what the indexers of this database have done so far: one row
    metadata,
    Column("name", String(32), primary_key=True),  # "ledger"
    Column("windows", BigInteger, nullable=False),
    Column("blocks", BigInteger, nullable=False),
    Column("logs", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),  # times that the line stopped
    Column("rate", BigInteger, nullable=False),  # logs a second in the newest window that held any
    Column("moved_at", BigInteger),  # when the newest window was written
)
