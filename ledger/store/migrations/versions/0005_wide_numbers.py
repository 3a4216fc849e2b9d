"""A contract's uint32 fits its column on PostgreSQL, and items are found by their GTIN.

On SQLite an INTEGER holds 64 bits: nothing to change there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UINT32 = (
    ("member", ("member", "roles")),
    ("location", ("member",)),
    ("product", ("member",)),
    ("grant_revoked", ("member",)),
    ("statement", ("member",)),
    ("items_committed", ("member",)),
    ("item", ("position",)),
    ("recall", ("member",)),
    ("feed", ("member",)),
    ("rule_version", ("rule", "version", "merchant", "base")),
    ("rule_leg", ("rule", "version", "payee")),
    ("rule_signature", ("rule", "version", "member")),
    ("orders", ("merchant", "rule", "carrier", "version")),
    ("payout", ("payee",)),
    ("entry", ("member",)),
    ("withdrawal", ("member",)),
    ("frozen", ("member",)),
    ("capture_job", ("member",)),
    ("captured", ("member",)),
    ("item_batch", ("count",)),
    ("granted", ("member", "acts")),
    ("bank_account", ("member",)),
)


def upgrade() -> None:
    _change("BIGINT")
    op.create_index(op.f("ix_event_item_gtin"), "event_item", ["gtin"], unique=False)


def downgrade() -> None:
    """PostgreSQL refuses, and nothing changes, where a number stands that needs the width."""
    op.drop_index(op.f("ix_event_item_gtin"), table_name="event_item")
    _change("INTEGER")


def _change(kind: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in _UINT32:
        # One statement a table: each alone would write the table anew.
        changes = ", ".join(f'ALTER COLUMN "{column}" TYPE {kind}' for column in columns)
        op.execute(sa.text(f'ALTER TABLE "{table}" {changes}'))
