"""A member's credit as the rows have it: sums of entries, never kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.store.schema import entry


@dataclass(frozen=True)
class Balances:
    """Fen that a member may use, and fen that are on their way to its bank account."""

    available_fen: int
    in_transit_fen: int


def balances_of(connection: Connection, member: int) -> Balances:
    """Zero for a member that was never paid."""
    query = select(entry.c.account, func.sum(entry.c.amount_fen)).where(entry.c.member == member)
    sums = {account: int(total) for account, total in connection.execute(query.group_by(entry.c.account))}
    return Balances(sums.get("available", 0), sums.get("in_transit", 0))
