"""Bank accounts under the signatures of two people. What stood there is kept without any: it is to be signed."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UINT32 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    connection = op.get_bind()
    stood = connection.execute(
        sa.text("SELECT member, holder, number, bank_code FROM bank_account ORDER BY member")
    ).all()
    op.drop_table("bank_account")
    table = op.create_table(
        "bank_account",
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("member", _UINT32, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=34), nullable=False),
        sa.Column("bank_code", sa.String(length=14), nullable=False),
        sa.Column("named_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_bank_account")),
    )
    op.create_index(op.f("ix_bank_account_member"), "bank_account", ["member"], unique=False)
    op.create_table(
        "bank_account_signature",
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=42), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity"],
            ["bank_account.identity"],
            name=op.f("fk_bank_account_signature_identity_bank_account"),
        ),
        sa.PrimaryKeyConstraint("identity", "key", name=op.f("pk_bank_account_signature")),
    )
    if stood:
        op.bulk_insert(table, [_kept(*row) for row in stood])


def downgrade() -> None:
    connection = op.get_bind()
    newest = connection.execute(
        sa.text("SELECT member, holder, number, bank_code FROM bank_account ORDER BY named_at")
    ).all()
    op.drop_table("bank_account_signature")
    op.drop_table("bank_account")
    table = op.create_table(
        "bank_account",
        sa.Column("member", _UINT32, autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=34), nullable=False),
        sa.Column("bank_code", sa.String(length=14), nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_bank_account")),
    )
    last = {row.member: row for row in newest}
    if last:
        op.bulk_insert(table, [dict(row._mapping) for row in last.values()])


def _kept(member: int, holder: str, number: str, bank_code: str) -> dict[str, object]:
    parts = json.dumps([member, holder, number, bank_code, 0], ensure_ascii=False, separators=(",", ":"))
    identity = hashlib.sha256(parts.encode()).hexdigest()
    account = {"member": member, "holder": holder, "number": number, "bank_code": bank_code}
    return {"identity": identity, **account, "named_at": 0, "seen_at": 0}
