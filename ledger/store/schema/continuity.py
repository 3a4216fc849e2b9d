"""How far the rows tell, and what holds them up."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

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
