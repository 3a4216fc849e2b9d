"""The audit finds every settled order whose legs were not credited as its rule says, also among thousands that were."""

from __future__ import annotations

from typing import Any

import pytest
from row_builders import MERCHANT, PLATFORM, an_order
from sqlalchemy import Connection, delete, insert, update

from ledger.settle.audit import wrong_splits
from ledger.settle.order_id import order_id
from ledger.store.schema import payout

ID = order_id(MERCHANT, "A-2")


@pytest.fixture(autouse=True)
def orders(connection: Connection) -> None:
    """Three of one amount, one of another, and one of which the first leg takes all."""
    for number, fen in (("A-1", 10_000), ("A-2", 10_000), ("A-3", 10_000), ("B-1", 7_777), ("C-1", 150)):
        an_order(connection, number, amount_fen=fen, state="settled")


def test_orders_that_were_credited_as_their_rule_says_are_not_named(connection: Connection) -> None:
    assert wrong_splits(connection) == []


def _of_leg(leg: int, order: str = ID) -> Any:
    return (payout.c.order_id == order) & (payout.c.leg == leg)


@pytest.mark.parametrize(
    "wrong",
    [
        update(payout).where(_of_leg(1)).values(amount_fen=payout.c.amount_fen + 1),
        update(payout).where(_of_leg(3)).values(amount_fen=0),
        update(payout).where(_of_leg(1)).values(payee=PLATFORM),
        delete(payout).where(_of_leg(2)),
    ],
    ids=["a fen more", "nothing", "another payee", "no row"],
)
def test_one_wrong_leg_among_orders_of_the_same_amount_is_named(connection: Connection, wrong: Any) -> None:
    connection.execute(wrong)
    assert wrong_splits(connection) == [(MERCHANT, "A-2")]


def test_a_credit_where_nothing_is_due_is_named(connection: Connection) -> None:
    order = order_id(MERCHANT, "C-1")
    connection.execute(delete(payout).where(_of_leg(2, order)))
    row = {"order_id": order, "leg": 2, "payee": PLATFORM, "amount_fen": 5, "credited_at": 1, "block": 12}
    connection.execute(insert(payout).values(**row, tx_hash="0x" + "12" * 32))
    assert wrong_splits(connection) == [(MERCHANT, "C-1")]
