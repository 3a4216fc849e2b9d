"""How the consortium governs itself: acts, keys, proposals, stops, validators, addresses; and how a member stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("member", sa.Column("standing", sa.String(length=9), nullable=False, server_default="active"))
    op.create_table(
        "administration",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tx_hash", sa.String(length=66), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("member", _UINT32, nullable=True),
        sa.Column("actor", _UINT32, nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("pk_administration")),
    )
    op.create_index(op.f("ix_administration_member"), "administration", ["member"], unique=False)
    op.create_table(
        "member_key",
        sa.Column("key", sa.String(length=42), nullable=False),
        sa.Column("member", _UINT32, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("roles", _UINT32, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_member_key")),
    )
    op.create_index(op.f("ix_member_key_member"), "member_key", ["member"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member", _UINT32, nullable=False),
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("voting_ends", sa.BigInteger(), nullable=False),
        sa.Column("executable_from", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_proposal")),
    )
    op.create_table(
        "proposal_vote",
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member", _UINT32, autoincrement=False, nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "member", name=op.f("pk_proposal_vote")),
    )
    op.create_table(
        "constitution",
        sa.Column("block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quorum_bps", sa.Integer(), nullable=False),
        sa.Column("delay_seconds", sa.BigInteger(), nullable=False),
        sa.Column("voting_seconds", sa.BigInteger(), nullable=False),
        sa.Column("execution_seconds", sa.BigInteger(), nullable=False),
        sa.Column("emergency_seats", sa.Integer(), nullable=False),
        sa.Column("emergency_max_seconds", sa.BigInteger(), nullable=False),
        sa.Column("emergency_window_seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block", "log_index", name=op.f("pk_constitution")),
    )
    op.create_table(
        "function_stop",
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("selector", sa.String(length=10), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("target", "selector", name=op.f("pk_function_stop")),
    )
    op.create_table(
        "emergency_call",
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("selector", sa.String(length=10), nullable=False),
        sa.Column("member", _UINT32, autoincrement=False, nullable=False),
        sa.Column("lift", sa.Boolean(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("target", "selector", "member", "lift", name=op.f("pk_emergency_call")),
    )
    op.create_table(
        "validator",
        sa.Column("validator", sa.String(length=42), nullable=False),
        sa.Column("member", _UINT32, nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("validator", name=op.f("pk_validator")),
    )
    op.create_table(
        "contract_pointer",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "address", name=op.f("pk_contract_pointer")),
    )
    op.create_table(
        "escrow_contract",
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_escrow_contract")),
    )


def downgrade() -> None:
    op.drop_table("escrow_contract")
    op.drop_table("contract_pointer")
    op.drop_table("validator")
    op.drop_table("emergency_call")
    op.drop_table("function_stop")
    op.drop_table("constitution")
    op.drop_table("proposal_vote")
    op.drop_table("proposal")
    op.drop_table("member_key")
    op.drop_table("administration")
    with op.batch_alter_table("member") as member:
        member.drop_column("standing")
