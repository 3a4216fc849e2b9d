"""Confirming buyers' payments: only the bank, only what an order is of, only once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from row_builders import BANK, CARRIER, DEPLOYMENT, MERCHANT, NOW, a_rule, acting, an_order, arguments, queued
from sqlalchemy import Connection

from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.settle.confirm_payments import BuyersPayment, ConfirmedPayments, confirm_payments
from ledger.settle.split import Leg, LegKind


def a_payment(number: str = "A-1", **changes: object) -> BuyersPayment:
    return replace(BuyersPayment(MERCHANT, number, 10_000, f"BUY-{number}"), **changes)  # type: ignore[arg-type]


def confirmed(connection: Connection, *payments: BuyersPayment, member: int = BANK) -> ConfirmedPayments:
    return confirm_payments(connection, DEPLOYMENT, acting(connection, member), payments, now=NOW)


def test_only_the_bank_confirms_payments(connection: Connection) -> None:
    an_order(connection, state="placed")
    with pytest.raises(NotAllowed, match="may not confirm payments"):
        confirmed(connection, a_payment(), member=MERCHANT)


def test_order_that_was_never_placed_is_refused(connection: Connection) -> None:
    with pytest.raises(NotFound, match="has placed no order A-1"):
        confirmed(connection, a_payment())


@pytest.mark.parametrize("amount_fen", [9_999, 10_001, 0])
def test_payment_of_another_amount_is_refused(connection: Connection, amount_fen: int) -> None:
    an_order(connection, state="placed")
    with pytest.raises(BadInput, match=r"Order A-1 is of 100\.00 yuan"):
        confirmed(connection, a_payment(amount_fen=amount_fen))


def test_payment_without_the_banks_reference_is_refused(connection: Connection) -> None:
    an_order(connection, state="placed")
    with pytest.raises(BadInput, match="needs a bank's reference"):
        confirmed(connection, a_payment(bank_reference=" "))


def test_order_below_the_fixed_legs_of_a_newer_version_is_refused(connection: Connection) -> None:
    an_order(connection, state="placed")
    a_rule(connection, version=2, base=1, legs=(Leg(CARRIER, LegKind.FIXED, 10_001), Leg(MERCHANT, LegKind.RESIDUAL)))
    with pytest.raises(BadInput, match=r"less than the 100\.01"):
        confirmed(connection, a_payment())


def test_one_bad_payment_refuses_all(connection: Connection) -> None:
    an_order(connection, state="placed")
    with pytest.raises(NotFound):
        confirmed(connection, a_payment(), a_payment("A-2"))
    assert queued(connection) == []


def test_payment_is_queued_once_with_amount_and_reference(connection: Connection) -> None:
    identity = an_order(connection, state="placed")
    assert confirmed(connection, a_payment(), a_payment()).repeated == ("A-1",)
    assert confirmed(connection, a_payment()).repeated == ("A-1",)
    (row,) = queued(connection)
    (paid,) = arguments(row)["payments"]
    assert ("0x" + paid["order"].hex(), paid["amountFen"], paid["bankReference"]) == (identity, 10_000, "BUY-A-1")


def test_order_paid_before_is_a_repeat(connection: Connection) -> None:
    an_order(connection, state="settled")
    assert confirmed(connection, a_payment()).repeated == ("A-1",)
    assert queued(connection) == []
