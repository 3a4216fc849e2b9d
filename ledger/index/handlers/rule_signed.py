"""A required member signed a version of a rule."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import RuleSigned
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.store.schema import rule_signature


def apply(rows: Rows, event: RuleSigned, context: Context) -> None:
    rows.move(
        rule_signature,
        {"rule": event.rule, "version": event.version, "member": event.member},
        {"signed_block": context.block},
        only_if=lambda row: row["signed_block"] is None,
    )
    tell(rows, event, context, member=event.member, rule=event.rule, version=event.version)
