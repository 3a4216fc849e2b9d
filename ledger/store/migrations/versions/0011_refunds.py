"""Refunds, what members owe, floors of shares; derived rows are made again, since the contracts are others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("rule_leg", sa.Column("floor_fen", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("orders", sa.Column("refunded_fen", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("entry") as entry:
        entry.alter_column("account", existing_type=sa.String(10), type_=sa.String(12), existing_nullable=False)
        entry.alter_column("kind", existing_type=sa.String(12), type_=sa.String(16), existing_nullable=False)
    op.create_table(
        "refund",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("requested_block", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("requested_tx", sa.String(length=66), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_refund")),
    )
    op.create_index(op.f("ix_refund_state"), "refund", ["state"], unique=False)
    op.create_table(
        "debt",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", _UINT32, nullable=True),
        sa.Column("owed_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("pk_debt")),
    )
    op.create_index(op.f("ix_debt_member"), "debt", ["member"], unique=False)


def downgrade() -> None:
    op.drop_table("debt")
    op.drop_table("refund")
    with op.batch_alter_table("entry") as entry:
        entry.alter_column("kind", existing_type=sa.String(16), type_=sa.String(12), existing_nullable=False)
        entry.alter_column("account", existing_type=sa.String(12), type_=sa.String(10), existing_nullable=False)
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("refunded_fen")
    with op.batch_alter_table("rule_leg") as rule_leg:
        rule_leg.drop_column("floor_fen")
