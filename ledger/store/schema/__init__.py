"""The tables. *Derived* tables are a view of the chain and the document store: they can be dropped and rebuilt, and the
rebuilt rows are the same. *Local* tables belong to this home alone: what it is about to send, and what banks were told.

Money is integer fen. Times are whole seconds since the Unix epoch (UTC) where the chain gives them, ISO 8601 text where
a person or a device did. A member is its number on chain; `block`, `log_index` say which log a row comes from.

A change of a table needs a migration: see ledger/store/migrations.
"""

from __future__ import annotations

from sqlalchemy import Table

from ledger.store.schema.base import metadata
from ledger.store.schema.campaigns import campaign, campaign_return, promotion, promotion_part
from ledger.store.schema.continuity import (
    block,
    cursor,
    handler,
    index_count,
    index_error,
    journal,
    raw_block,
    raw_table,
    reorganisation,
)
from ledger.store.schema.evidence import event, event_item, event_order, feed, item, items_committed, recall, statement
from ledger.store.schema.governance import (
    administration,
    constitution,
    contract_pointer,
    emergency_call,
    escrow_contract,
    function_stop,
    member_key,
    proposal,
    proposal_vote,
    validator,
)
from ledger.store.schema.local import (
    bank_account,
    bank_account_signature,
    capture_job,
    captured,
    granted,
    item_batch,
    outbox,
    payer_account,
    payment,
    payment_file,
)
from ledger.store.schema.members import grant_revoked, location, member, product
from ledger.store.schema.money import (
    batch,
    debt,
    entry,
    frozen,
    order,
    payout,
    refund,
    rule_leg,
    rule_signature,
    rule_variant,
    rule_version,
    withdrawal,
)
from ledger.store.schema.webhooks import webhook, webhook_message

DERIVED: tuple[Table, ...] = (
    block, member, location, product, grant_revoked, member_key, proposal, proposal_vote, constitution, function_stop,
    emergency_call, validator, contract_pointer, escrow_contract, administration, event, event_item, event_order, statement,
    items_committed, item,
    recall, rule_version, rule_leg, rule_signature, rule_variant, batch, order, payout, entry, refund, debt, withdrawal, frozen, feed,
    campaign, campaign_return, promotion, promotion_part,
)  # fmt: skip
"""In an order in which rows can be inserted; deleted in the reverse."""

LOCAL: tuple[Table, ...] = (
    outbox,
    capture_job,
    captured,
    item_batch,
    granted,
    bank_account,
    bank_account_signature,
    payer_account,
    payment_file,
    payment,
    webhook,
    webhook_message,
)

__all__ = [
    "DERIVED",
    "LOCAL",
    "administration",
    "bank_account",
    "bank_account_signature",
    "batch",
    "block",
    "campaign",
    "campaign_return",
    "capture_job",
    "captured",
    "constitution",
    "contract_pointer",
    "cursor",
    "debt",
    "emergency_call",
    "entry",
    "escrow_contract",
    "event",
    "event_item",
    "event_order",
    "feed",
    "frozen",
    "function_stop",
    "grant_revoked",
    "granted",
    "handler",
    "index_count",
    "index_error",
    "item",
    "item_batch",
    "items_committed",
    "journal",
    "location",
    "member",
    "member_key",
    "metadata",
    "order",
    "outbox",
    "payer_account",
    "payment",
    "payment_file",
    "payout",
    "product",
    "promotion",
    "promotion_part",
    "proposal",
    "proposal_vote",
    "raw_block",
    "raw_table",
    "recall",
    "refund",
    "reorganisation",
    "rule_leg",
    "rule_signature",
    "rule_variant",
    "rule_version",
    "statement",
    "validator",
    "webhook",
    "webhook_message",
    "withdrawal",
]
