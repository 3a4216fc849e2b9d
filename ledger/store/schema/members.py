"""Derived tables: the members, what they may do, and what each owns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from ledger.store.schema.base import UINT32, metadata

member = Table(
    "member",
    metadata,
    Column("member", UINT32, primary_key=True, autoincrement=False),
    Column("account", String(42), nullable=False, unique=True),  # EIP-55
    Column("roles", UINT32, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("standing", String(9), nullable=False, server_default="active"),  # active, suspended, expelled, left
    Column("block", BigInteger, nullable=False),
)

location = Table(
    "location",
    metadata,
    Column("gln", String(13), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("name", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)

product = Table(
    "product",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("name", Text, nullable=False),
    Column("block", BigInteger, nullable=False),
)

grant_revoked = Table(
    "grant_revoked",
    metadata,
    Column("grant_hash", String(66), primary_key=True),
    Column("member", UINT32, nullable=False),
    Column("block", BigInteger, nullable=False),
)
