"""What belongs to one home: outbox, captures, bank files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("member", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=34), nullable=False),
        sa.Column("bank_code", sa.String(length=14), nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_bank_account")),
    )
    op.create_table(
        "capture_job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("error_behaviour", sa.String(length=8), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_job")),
    )
    op.create_table(
        "granted",
        sa.Column("grant_hash", sa.String(length=66), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("delegate", sa.String(length=42), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.String(length=66), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_hash", name=op.f("pk_granted")),
    )
    op.create_index(op.f("ix_granted_member"), "granted", ["member"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("contract", sa.String(length=32), nullable=False),
        sa.Column("function", sa.String(length=64), nullable=False),
        sa.Column("to", sa.String(length=42), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("tx_hash", sa.String(length=66), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("account", "nonce", name=op.f("uq_outbox_account_nonce")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(op.f("ix_outbox_state"), "outbox", ["state"], unique=False)
    op.create_table(
        "payment_file",
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_payment_file")),
    )
    op.create_table(
        "captured",
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["capture_job.id"], name=op.f("fk_captured_job")),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name=op.f("fk_captured_outbox")),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_captured")),
    )
    op.create_index(op.f("ix_captured_job"), "captured", ["job"], unique=False)
    op.create_table(
        "item_batch",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("lot", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name=op.f("fk_item_batch_outbox")),
        sa.PrimaryKeyConstraint("gtin", "lot", "batch", name=op.f("pk_item_batch")),
    )
    op.create_table(
        "payment",
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("withdrawal", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["payment_file.message_id"], name=op.f("fk_payment_message_id")),
        sa.PrimaryKeyConstraint("end_to_end_id", name=op.f("pk_payment")),
        sa.UniqueConstraint("withdrawal", name=op.f("uq_payment_withdrawal")),
    )


def downgrade() -> None:
    op.drop_table("payment")
    op.drop_table("item_batch")
    op.drop_table("captured")
    op.drop_table("payment_file")
    op.drop_table("outbox")
    op.drop_table("granted")
    op.drop_table("capture_job")
    op.drop_table("bank_account")
