"""Raw rows: what the chain said, kept beside what follows from it. The tables of the events themselves follow from the
contracts' ABIs; the index makes them and names them in `raw_table`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "raw_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("parent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("receipts_root", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("logs", sa.Integer(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_raw_block")),
    )
    op.create_table(
        "raw_table",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_raw_table")),
    )
    op.create_table(
        "journal",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block", name=op.f("pk_journal")),
    )
    op.create_table(
        "handler",
        sa.Column("event", sa.String(length=63), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_handler")),
    )
    op.create_table(
        "index_count",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("windows", sa.BigInteger(), nullable=False),
        sa.Column("blocks", sa.BigInteger(), nullable=False),
        sa.Column("logs", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_index_count")),
    )


def downgrade() -> None:
    tables = op.get_bind().execute(sa.text("SELECT name FROM raw_table")).scalars().all()
    for name in tables:
        op.drop_table(name)
    for name in ("index_count", "handler", "journal", "raw_table", "raw_block"):
        op.drop_table(name)
