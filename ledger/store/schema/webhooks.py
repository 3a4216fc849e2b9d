"""Local tables: who is told by webhook, and what it is told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from ledger.store.schema.base import UINT32, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("member", UINT32, nullable=False),  # who registered it, and hears what it may hear
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),  # JSON list; empty: all
    Column("party", UINT32),
    Column("lot", Text),
    Column("state", String(10), nullable=False),  # active, disabled
    Column("reason", Text),  # a sentence: why it is disabled
    # The secret is derived from the home's key, this id and this number: it is stored nowhere.
    Column("secret_number", Integer, nullable=False),
    Column("old_secret_until", BigInteger),  # until when the one before signs too
    # The place in the feed up to which messages were made.
    Column("block", BigInteger, nullable=False),
    Column("log_index", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),  # it rests until then
    Column("failing_since", BigInteger),  # no attempt has succeeded since
    Column("created_at", BigInteger, nullable=False),
    Index(None, "member"),
)

webhook_message = Table(
    "webhook_message",
    metadata,
    Column(
        "id", String(40), primary_key=True
    ),  # of the webhook and the place in the feed: the same each time it is made
    Column("webhook", String(40), ForeignKey("webhook.id"), nullable=False),
    Column("position", String(48), nullable=False),  # in the feed, as listeners read it
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),  # as sent, to the byte, at each attempt
    Column("state", String(10), nullable=False),  # pending, delivered, dead
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_at", BigInteger),
    Column("last_status", Integer),  # of HTTP; null: no answer came
    Column("last_error", Text),  # a sentence
    Index(None, "state", "due_at"),
    Index(None, "webhook", "state"),
)
