"""A required member signed a version of a rule."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.index.context import Context
from ledger.index.events import RuleSigned
from ledger.index.feed import tell
from ledger.index.rows import move
from ledger.store.schema import rule_signature


def apply(connection: Connection, event: RuleSigned, context: Context) -> None:
    move(
        connection,
        rule_signature,
        {"rule": event.rule, "version": event.version, "member": event.member},
        {"signed_block": context.block},
        only_if=rule_signature.c.signed_block.is_(None),
    )
    tell(connection, event, context, member=event.member, rule=event.rule, version=event.version)
