"""What is under way is found without looking at all that ever was.

Revision ID: 0017
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.create_index(op.f("ix_outbox_state_block"), ["state", "block"])
        table.drop_index(op.f("ix_outbox_state"))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.create_index(op.f("ix_outbox_state"), ["state"])
        table.drop_index(op.f("ix_outbox_state_block"))
