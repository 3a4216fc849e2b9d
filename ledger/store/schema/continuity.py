"""How far the rows tell, and what holds them up."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

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
