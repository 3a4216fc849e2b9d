"""Confirming buyers' payments: only the bank, only what an order is of, only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from row_builders import BANK, CARRIER, DEPLOYMENT, MERCHANT, NOW, a_rule, acting, an_order, arguments, queued
from sqlalchemy import Connection

from ledger.errors import BadInput, NotAllowed, NotFound
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.statement import Statement
from ledger.settle.buyers_payments import buyers_payments
from ledger.settle.confirm_payments import BuyersPayment, ConfirmedPayments, confirm_payments
from ledger.settle.payers import payer_of
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


# --- who paid ---------------------------------------------------------------------------------------------------------

PAYER = BankAccount("买家 李雷", "6217001", "102100099996")


def test_payers_account_is_kept_and_the_first_one_stands(connection: Connection) -> None:
    identity = an_order(connection, state="placed")
    confirmed(connection, a_payment())
    assert payer_of(connection, identity) is None
    confirmed(connection, a_payment(payer=PAYER))
    confirmed(connection, a_payment(payer=replace(PAYER, number="6217002")))
    assert payer_of(connection, identity) == PAYER


def test_account_of_a_payment_that_is_refused_is_not_kept(connection: Connection) -> None:
    identity = an_order(connection, state="placed")
    with pytest.raises(BadInput):
        confirmed(connection, a_payment(payer=PAYER, amount_fen=1))
    assert payer_of(connection, identity) is None


def a_statement(**changes: str) -> Sequence[Statement]:
    """One credit of 100.00 yuan for order A-1, as a bank tells it that names its payer in full."""
    text = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
      <GrpHdr><MsgId>1</MsgId><CreDtTm>2026-04-20T18:00:00+08:00</CreDtTm></GrpHdr>
      <Stmt><Id>1</Id><Acct><Id><Othr><Id>110060149012345678</Id></Othr></Id></Acct>
      <Ntry><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
        <AcctSvcrRef>BANK-1</AcctSvcrRef><NtryDtls><TxDtls>
        <RltdPties><Dbtr><Pty><Nm>买家 李雷</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>6217001</Id></Othr></Id></DbtrAcct>
          <Cdtr><Pty><Nm>溯源结算专户</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>1100601</Id></Othr></Id></CdtrAcct>
        </RltdPties>
        <RltdAgts><DbtrAgt><FinInstnId><ClrSysMmbId><MmbId>102100099996</MmbId></ClrSysMmbId></FinInstnId></DbtrAgt></RltdAgts>
        <RmtInf><Ustrd>订单 A-1</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return read_statement(text.encode(), source="statement").statements


def test_statement_tells_what_was_paid_and_by_whom(connection: Connection) -> None:
    identity = an_order(connection, state="placed")
    an_order(connection, "A-2", state="placed")
    (payment,) = buyers_payments(connection, MERCHANT, a_statement())
    assert payment == BuyersPayment(MERCHANT, "A-1", 10_000, "BANK-1", PAYER)
    assert confirmed(connection, payment).new == ("A-1",)
    assert payer_of(connection, identity) == PAYER


def test_payer_whose_bank_is_not_told_by_its_code_is_left_to_people(connection: Connection) -> None:
    an_order(connection, state="placed")
    (payment,) = buyers_payments(connection, MERCHANT, a_statement(ClrSysMmbId="Othr", MmbId="Id"))
    assert payment.payer is None


@pytest.mark.parametrize("changes", [{"A-1": "A-9"}, {"CRDT": "DBIT"}, {"BOOK": "PDNG"}, {"CNY": "EUR"}])
def test_line_that_is_no_payment_of_an_order_confirms_nothing(connection: Connection, changes: dict[str, str]) -> None:
    an_order(connection, state="placed")
    assert buyers_payments(connection, MERCHANT, a_statement(**changes)) == []


def test_line_of_another_amount_confirms_nothing(connection: Connection) -> None:
    an_order(connection, state="placed", amount_fen=10_001)
    assert buyers_payments(connection, MERCHANT, a_statement()) == []
