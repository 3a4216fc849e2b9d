"""A member's credit as the rows have it: sums of entries, never kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.store.schema import debt, entry


@dataclass(frozen=True)
class Balances:
    """Fen that a member has, fen that are on their way to its bank account, and fen that it owes: refunds took back more
    than it had, and what it earns pays that first."""

    available_fen: int
    in_transit_fen: int
    owed_fen: int


def balances_of(connection: Connection, member: int) -> Balances:
    """Zero for a member that was never paid."""
    query = select(entry.c.account, func.sum(entry.c.amount_fen)).where(entry.c.member == member)
    sums = {account: int(total) for account, total in connection.execute(query.group_by(entry.c.account))}
    return Balances(sums.get("available", 0), sums.get("in_transit", 0), owed_fen(connection, member))


def owed_fen(connection: Connection, member: int, *, before: int | None = None) -> int:
    """What the member owes, or owed before a moment (seconds since the Unix epoch)."""
    query = select(func.sum(debt.c.owed_fen)).where(debt.c.member == member)
    query = query if before is None else query.where(debt.c.at < before)
    return int(connection.execute(query).scalar() or 0)
