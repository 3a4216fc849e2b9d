"""Payments of refunds beside those of withdrawals, and the accounts that orders were paid from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payer_account",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=34), nullable=False),
        sa.Column("bank_code", sa.String(length=14), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_payer_account")),
    )
    with op.batch_alter_table("payment") as payment:
        payment.alter_column("withdrawal", existing_type=sa.BigInteger(), nullable=True)
        payment.add_column(sa.Column("order_id", sa.String(length=66), nullable=True))
        payment.add_column(sa.Column("refund", sa.Integer(), nullable=True))
        payment.add_column(sa.Column("attempt", sa.Integer(), nullable=True))
        payment.add_column(sa.Column("returned_at", sa.BigInteger(), nullable=True))
        payment.create_unique_constraint(op.f("uq_payment_order_id_refund_attempt"), ["order_id", "refund", "attempt"])


def downgrade() -> None:
    op.execute("DELETE FROM payment WHERE withdrawal IS NULL")
    with op.batch_alter_table("payment") as payment:
        payment.drop_constraint(op.f("uq_payment_order_id_refund_attempt"), type_="unique")
        for name in ("returned_at", "attempt", "refund", "order_id"):
            payment.drop_column(name)
        payment.alter_column("withdrawal", existing_type=sa.BigInteger(), nullable=False)
    op.drop_table("payer_account")
