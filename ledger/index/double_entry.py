"""Double entry: what one account gives another takes, in one log. A balance is a sum of entries and stands nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any, Literal, NamedTuple

from ledger.index.context import Context
from ledger.index.logs import Logs
from ledger.index.rows import Rows
from ledger.store.schema import entry

Kind = Literal[
    "minted",
    "credited",
    "transferred",
    "withdrawn",
    "booked",
    "returned",
    "refunded",
    "uncovered",
    "debt_paid",
    "fund_in",
    "fund_out",
    "refund_booked",
    "refund_returned",
    "budget_in",
    "budget_out",
    "promoted",
    "settled_up",
]


class Account(NamedTuple):
    """`bank`: outside the ledger; `escrow`: held for orders; `available` and `in_transit`: a member's; `to_shoppers`:
    refunded, until the bank has paid; `fund`: the guarantee fund; `budget`: what campaigns have not spent."""

    account: Literal["bank", "escrow", "available", "in_transit", "to_shoppers", "fund", "budget"]
    member: int | None = None


BANK = Account("bank")
ESCROW = Account("escrow")
TO_SHOPPERS = Account("to_shoppers")
FUND = Account("fund")
BUDGET = Account("budget")


def available_of(members: Iterable[int]) -> Iterable[Account]:
    return map(available, members)


def in_transit_of(members: Iterable[int]) -> Iterable[Account]:
    return map(in_transit, members)


@cache
def available(member: int) -> Account:
    return Account("available", member)


@cache
def in_transit(member: int) -> Account:
    return Account("in_transit", member)


def book(
    rows: Rows,
    logs: Logs[Any],
    kind: Kind,
    amount_fen: Sequence[int],
    giver: Iterable[Account],
    taker: Iterable[Account],
    *,
    order_id: Iterable[str | None] = repeat(None),
    withdrawal: Iterable[int | None] = repeat(None),
    note: Iterable[str | None] = repeat(None),
) -> None:
    """For each log two rows that sum to zero: minus its amount for the giver, plus its amount for the taker."""
    rest = list(zip(repeat(kind), order_id, withdrawal, note, logs.at, logs.tx_hash))  # some are repeated
    places = list(zip(logs.block, logs.log_index, strict=True))
    rows.append(entry, *((*p, 0, *a, -f, *r) for p, a, f, r in zip(places, giver, amount_fen, rest)))  # noqa: B905
    rows.append(entry, *((*p, 1, *a, f, *r) for p, a, f, r in zip(places, taker, amount_fen, rest)))  # noqa: B905


def book_all(
    rows: Rows,
    context: Context,
    kind: Kind,
    movements: Iterable[tuple[Account, int]],
    *,
    order_id: str | None = None,
    note: str | None = None,
) -> None:
    """For one log that moves between several accounts: signed fen that sum to zero; accounts that do not move are left
    out."""
    moved = [(account, fen) for account, fen in movements if fen]
    rest = (kind, order_id, None, note, context.at, context.tx_hash)
    place = (context.block, context.log_index)
    rows.append(entry, *((*place, ordinal, *account, fen, *rest) for ordinal, (account, fen) in enumerate(moved)))
