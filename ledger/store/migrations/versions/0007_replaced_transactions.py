"""A transaction that is stuck may be replaced by one that offers more: which ones there were before is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("earlier", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "earlier")
    op.drop_column("outbox", "attempt")
