"""The last signature arrived: from this block on, orders are paid under this version."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ledger.index.context import Context
from ledger.index.events import RuleAdopted
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import rule_version


def apply(connection: Connection, event: RuleAdopted, context: Context) -> None:
    version = {"rule": event.rule, "version": event.version}
    move(
        connection,
        rule_version,
        version,
        {"adopted_block": context.block},
        only_if=rule_version.c.adopted_block.is_(None),
    )
    merchant = connection.execute(
        select(rule_version.c.merchant).where(
            rule_version.c.rule == event.rule, rule_version.c.version == event.version
        )
    ).scalar_one()
    tell(connection, event, context, member=merchant, rule=event.rule, version=event.version)
