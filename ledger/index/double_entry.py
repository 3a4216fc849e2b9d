"""Double entry: what one account gives another takes, in one log. A balance is a sum of entries and stands nowhere."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ledger.index.context import Context
from ledger.index.rows import Rows
from ledger.store.schema import entry

Kind = Literal["minted", "credited", "transferred", "withdrawn", "booked", "returned"]


class Account(NamedTuple):
    """`bank`: outside the ledger; `escrow`: held for orders; `available` and `in_transit`: a member's."""

    account: Literal["bank", "escrow", "available", "in_transit"]
    member: int | None = None


BANK = Account("bank")
ESCROW = Account("escrow")


def available(member: int) -> Account:
    return Account("available", member)


def in_transit(member: int) -> Account:
    return Account("in_transit", member)


def book(
    rows: Rows,
    context: Context,
    kind: Kind,
    amount_fen: int,
    giver: Account,
    taker: Account,
    *,
    order_id: str | None = None,
    withdrawal: int | None = None,
    note: str | None = None,
) -> None:
    """Two rows that sum to zero: -`amount_fen` for the giver, +`amount_fen` for the taker."""
    block, log_index, at, tx_hash = context.block, context.log_index, context.at, context.tx_hash
    rest = (kind, order_id, withdrawal, note, at, tx_hash)
    rows.append(
        entry,
        (block, log_index, 0, giver.account, giver.member, -amount_fen, *rest),
        (block, log_index, 1, taker.account, taker.member, amount_fen, *rest),
    )
