"""Statements, events, item codes, recalls and the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("event_type", sa.String(length=32), nullable=False),
        sa.Column("event_time", sa.String(length=40), nullable=False),
        sa.Column("time_zone_offset", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=True),
        sa.Column("biz_step", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("read_point", sa.Text(), nullable=True),
        sa.Column("biz_location", sa.Text(), nullable=True),
        sa.Column("read_point_gln", sa.String(length=13), nullable=True),
        sa.Column("biz_location_gln", sa.String(length=13), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_hash", name=op.f("pk_event")),
    )
    op.create_table(
        "feed",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("member", sa.Integer(), nullable=True),
        sa.Column("lot_key", sa.Text(), nullable=True),
        sa.Column("order_id", sa.String(length=66), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("pk_feed")),
    )
    op.create_table(
        "item",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "serial", "root", name=op.f("pk_item")),
    )
    op.create_index(op.f("ix_item_root_position"), "item", ["root", "position"], unique=False)
    op.create_table(
        "items_committed",
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("root", name=op.f("pk_items_committed")),
    )
    op.create_index(op.f("ix_items_committed_gtin_lot"), "items_committed", ["gtin", "lot"], unique=False)
    op.create_table(
        "recall",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=False),
        sa.Column("opened_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_block", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("gtin", "lot", "opened_block", "opened_log_index", name=op.f("pk_recall")),
    )
    op.create_table(
        "statement",
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("member", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grant_hash", sa.String(length=66), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("commitment", "member", name=op.f("pk_statement")),
    )
    op.create_index(op.f("ix_statement_event_hash"), "statement", ["event_hash"], unique=False)
    op.create_index(op.f("ix_statement_event_id"), "statement", ["event_id"], unique=False)
    op.create_table(
        "event_item",
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("epc", sa.Text(), nullable=False),
        sa.Column("lot_key", sa.Text(), nullable=True),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("sscc", sa.String(length=18), nullable=True),
        sa.Column("quantity", sa.Text(), nullable=True),
        sa.Column("uom", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event_hash"], ["event.event_hash"], name=op.f("fk_event_item_event_hash")),
        sa.PrimaryKeyConstraint("event_hash", "ordinal", name=op.f("pk_event_item")),
    )
    op.create_index(op.f("ix_event_item_lot"), "event_item", ["lot"], unique=False)
    op.create_index(op.f("ix_event_item_lot_key_role"), "event_item", ["lot_key", "role"], unique=False)
    op.create_table(
        "event_order",
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("biz_transaction", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_hash"], ["event.event_hash"], name=op.f("fk_event_order_event_hash")),
        sa.PrimaryKeyConstraint("event_hash", "ordinal", name=op.f("pk_event_order")),
    )
    op.create_index(op.f("ix_event_order_biz_transaction"), "event_order", ["biz_transaction"], unique=False)


def downgrade() -> None:
    op.drop_table("event_order")
    op.drop_table("event_item")
    op.drop_table("statement")
    op.drop_table("recall")
    op.drop_table("items_committed")
    op.drop_table("item")
    op.drop_table("feed")
    op.drop_table("event")
