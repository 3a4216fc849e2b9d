"""What payments resolve rules with steps or nested rules to; derived rows are made again, since the contracts are others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("rule_leg", sa.Column("nested", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "rule_variant",
        sa.Column("rule", _UINT32, autoincrement=False, nullable=False),
        sa.Column("pinned", _UINT32, autoincrement=False, nullable=False),
        sa.Column("version", _UINT32, nullable=False),
        sa.Column("tiers", sa.Text(), nullable=False),
        sa.Column("nested_versions", sa.Text(), nullable=False),
        sa.Column("legs_hash", sa.String(length=66), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "pinned", name=op.f("pk_rule_variant")),
    )


def downgrade() -> None:
    op.drop_table("rule_variant")
    with op.batch_alter_table("rule_leg") as rule_leg:
        rule_leg.drop_column("nested")
