"""Campaigns and promoted orders; derived rows are made again, since the contracts are others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("campaign", _UINT32, autoincrement=False, nullable=False),
        sa.Column("sponsor", _UINT32, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("sponsor_bps", sa.Integer(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("threshold_fen", sa.BigInteger(), nullable=False),
        sa.Column("cap_fen", sa.BigInteger(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee", _UINT32, nullable=False),
        sa.Column("hold_seconds", _UINT32, nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("opened_block", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_campaign")),
    )
    op.create_index(op.f("ix_campaign_sponsor"), "campaign", ["sponsor"], unique=False)
    op.create_table(
        "campaign_return",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign", _UINT32, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("pk_campaign_return")),
    )
    op.create_index(op.f("ix_campaign_return_campaign"), "campaign_return", ["campaign"], unique=False)
    op.create_table(
        "promotion",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("shopper_fen", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("settled_up_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_promotion")),
    )
    op.create_index(op.f("ix_promotion_state"), "promotion", ["state"], unique=False)
    op.create_table(
        "promotion_part",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign", _UINT32, nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("off_fen", sa.BigInteger(), nullable=False),
        sa.Column("sponsor_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=True),
        sa.Column("back_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "place", name=op.f("pk_promotion_part")),
    )
    op.create_index(op.f("ix_promotion_part_campaign"), "promotion_part", ["campaign"], unique=False)
    op.add_column("refund", sa.Column("shopper_fen", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("refund") as refund:
        refund.drop_column("shopper_fen")
    for table in ("promotion_part", "promotion", "campaign_return", "campaign"):
        op.drop_table(table)
