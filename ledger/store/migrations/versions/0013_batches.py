"""Batches of orders; the orders in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("batch_id", sa.String(66), nullable=True))
    op.add_column("orders", sa.Column("position", sa.Integer(), nullable=True))
    op.create_table(
        "batch",
        sa.Column("batch_id", sa.String(length=66), nullable=False),
        sa.Column("merchant", _UINT32, nullable=False),
        sa.Column("rule", _UINT32, nullable=False),
        sa.Column("carrier", _UINT32, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("amounts_root", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("version", _UINT32, nullable=True),
        sa.Column("legs_hash", sa.String(length=66), nullable=True),
        sa.Column("placed_block", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("paid_block", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.BigInteger(), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_merchant"), "batch", ["merchant"], unique=False)
    op.create_index(op.f("ix_batch_manifest"), "batch", ["manifest"], unique=False)


def downgrade() -> None:
    op.drop_table("batch")
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("position")
        orders.drop_column("batch_id")
