"""The last signature arrived: from this block on, orders are paid under this version."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import RuleAdopted
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.store.schema import rule_version


def apply(rows: Rows, event: RuleAdopted, context: Context) -> None:
    version = {"rule": event.rule, "version": event.version}
    adopted = rows.move(
        rule_version, version, {"adopted_block": context.block}, only_if=lambda row: row["adopted_block"] is None
    )
    tell(rows, event, context, member=adopted["merchant"], rule=event.rule, version=event.version)
