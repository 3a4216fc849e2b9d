"""A party's statement for a day: what its available credit was, every line that moved it, and what it is.

The day is China's (Asia/Shanghai), whose money this is. Amounts are signed fen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.errors import BadInput, BrokenEvidence
from ledger.settle.balances import owed_fen
from ledger.settle.money import amount_text
from ledger.settle.order_refunds import refund_rows
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import allocate, explain
from ledger.settle.tiers import version_pinned
from ledger.settle.zone import SHANGHAI
from ledger.store.schema import entry, payout
from ledger.store.schema import member as members
from ledger.store.schema import order as orders


@dataclass(frozen=True)
class StatementLine:
    """One movement. Order, rule, version, leg (from 0) and arithmetic stand with the credits of a split, and with what
    refunds took back of them."""

    at: int  # seconds since the Unix epoch
    kind: str  # of ledger.index.double_entry.Kind, those that move what is available
    amount_fen: int
    balance_fen: int  # after it
    merchant: str | None
    order_number: str | None
    rule: int | None
    version: int | None
    leg: int | None
    operation: str | None
    withdrawal: int | None
    note: str | None
    tx_hash: str

    @property
    def time(self) -> str:
        """ISO 8601 with China's offset."""
        return datetime.fromtimestamp(self.at, SHANGHAI).isoformat()


@dataclass(frozen=True)
class PartyStatement:
    """opening + the lines = closing, always. `owed_fen` is what the member owes at the end of the day."""

    member: int
    party: str
    day: date
    opening_fen: int
    lines: tuple[StatementLine, ...]
    closing_fen: int
    owed_fen: int = 0


def parse_day(text: str) -> date:
    """2026-04-20; BadInput for anything else."""
    try:
        # The pattern first: fromisoformat also takes week dates and dates without hyphens.
        return date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        raise BadInput(f"{text!r} is no day.", hint="Write it like 2026-04-20.") from None


def day_of(at: int) -> date:
    """China's day of a moment in seconds since the Unix epoch."""
    return datetime.fromtimestamp(at, SHANGHAI).date()


def party_statement(connection: Connection, member: int, day: date) -> PartyStatement:
    """The statement, from the rows. BadInput when there is no such member; BrokenEvidence when they do not add up."""
    name = connection.execute(select(members.c.name).where(members.c.member == member)).scalar_one_or_none()
    if name is None:
        raise BadInput(f"There is no member {member}.", hint="See `suyuan members`.")
    start = datetime.combine(day, datetime.min.time(), SHANGHAI)
    first, end = int(start.timestamp()), int((start + timedelta(days=1)).timestamp())
    opening = _balance_before(connection, member, first)
    rows = connection.execute(
        select(entry)
        .where(entry.c.member == member, entry.c.account == "available", entry.c.at >= first, entry.c.at < end)
        .order_by(entry.c.at, entry.c.block, entry.c.log_index, entry.c.ordinal)
    ).all()
    lines = _lines(connection, member, opening, rows)
    closing = lines[-1].balance_fen if lines else opening
    summed = _balance_before(connection, member, end)
    if closing != summed:
        raise BrokenEvidence(
            f"The statement of {name} for {day} does not add up: its lines make {amount_text(closing)} yuan, and all "
            f"entries {amount_text(summed)}.",
            hint="Run `suyuan index rebuild`.",
        )
    return PartyStatement(member, name, day, opening, lines, closing, owed_fen(connection, member, before=end))


def _balance_before(connection: Connection, member: int, moment: int) -> int:
    query = select(func.sum(entry.c.amount_fen)).where(
        entry.c.member == member, entry.c.account == "available", entry.c.at < moment
    )
    return int(connection.execute(query).scalar() or 0)


def _lines(connection: Connection, member: int, opening: int, rows: Sequence[Row[Any]]) -> tuple[StatementLine, ...]:
    splits = _Splits(connection, member, {row.order_id for row in rows if row.order_id is not None})
    balance = opening
    lines: list[StatementLine] = []
    for row in rows:
        balance += row.amount_fen
        order = splits.orders.get(row.order_id)
        part = splits.part_of(row) if order is not None else None
        lines.append(
            StatementLine(
                at=row.at,
                kind=row.kind,
                amount_fen=row.amount_fen,
                balance_fen=balance,
                merchant=None if order is None else splits.names.get(order.merchant, f"member {order.merchant}"),
                order_number=None if order is None else order.number,
                rule=None if order is None else order.rule,
                version=None if order is None or order.version is None else version_pinned(order.version),
                leg=None if part is None else part[0],
                operation=None if part is None else part[1],
                withdrawal=row.withdrawal,
                note=row.note,
                tx_hash=row.tx_hash,
            )
        )
    return tuple(lines)


class _Splits:
    """The legs by which these orders pay one member, and what refunds changed of them, each with its arithmetic, handed
    out in leg order."""

    def __init__(self, connection: Connection, member: int, ids: set[str]) -> None:
        self.orders: dict[str, Row[Any]] = {}
        self._refunds: dict[str, list[Row[Any]]] = {}
        self._credits: dict[str, list[tuple[int, int]]] = defaultdict(list)  # order: (leg, amount in fen)
        self._changes: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)  # order, transaction
        wanted = sorted(ids)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            for row in connection.execute(select(orders).where(orders.c.order_id.in_(part))):
                self.orders[row.order_id] = row
            paid = select(payout).where(payout.c.order_id.in_(part), payout.c.payee == member).order_by(payout.c.leg)
            for row in connection.execute(paid):
                self._credits[row.order_id].append((row.leg, row.amount_fen))
            self._refunds |= refund_rows(connection, part)
        named = connection.execute(select(members.c.member, members.c.name))
        self.names: dict[int, str] = {row.member: row.name for row in named}
        pinned = {(row.rule, row.version) for row in self.orders.values() if row.version is not None}
        self._legs = {key: legs_of(connection, *key) for key in pinned}
        for identity in self._refunds:
            self._note_changes(member, self.orders[identity])

    def part_of(self, row: Row[Any]) -> tuple[int, str] | None:
        """Leg and arithmetic of an entry: the first leg of this amount that no entry before it took."""
        if row.kind == "credited":
            return self._next_credit(row)
        changes = self._changes.get((row.order_id, row.tx_hash), []) if row.kind == "refunded" else []
        found = next((change for change in changes if change[1] == row.amount_fen), None)
        if found is None:
            return None
        changes.remove(found)
        return found[0], found[2]

    def _next_credit(self, row: Row[Any]) -> tuple[int, str] | None:
        order, credits = self.orders[row.order_id], self._credits[row.order_id]
        found = next((credit for credit in credits if credit[1] == row.amount_fen), None)
        if found is None or order.version is None:
            return None
        credits.remove(found)
        before = sum(one.amount_fen for one in self._refunds.get(row.order_id, ()) if not one.settled)
        for line in explain(order.amount_fen - before, self._legs[order.rule, order.version]):
            if line.index == found[0]:
                return line.index, line.operation
        return None

    def _note_changes(self, member: int, order: Row[Any]) -> None:
        """What each refund after settlement changed of the member's legs."""
        legs, rest = self._legs[order.rule, order.version], order.amount_fen
        for one in self._refunds[order.order_id]:
            before, rest = rest, rest - one.amount_fen
            if not one.settled:
                continue
            for leg, held, kept in zip(count(), allocate(before, legs), allocate(rest, legs), strict=False):
                if legs[leg].payee == member and kept != held:
                    words = f"of the {rest:,} fen that remain {kept:,}, of {before:,} before {held:,}"
                    self._changes[order.order_id, one.requested_tx].append((leg, kept - held, words))
