"""What all tables belong to, and how their constraints are named."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

UINT32 = BigInteger().with_variant(Integer(), "sqlite")
"""A contract's uint32: a member, a rule, roles. PostgreSQL's INTEGER ends at 2**31 - 1; SQLite's holds 64 bits."""
