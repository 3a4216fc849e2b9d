"""The payment file: what it refuses to write, and what a bank reads in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import xmlschema
from bank_builders import CREATED_AT, DEBTOR, MESSAGE_ID, a_file, the_payouts

from ledger.errors import BadInput
from ledger.settle.bank.payment_file import BankAccount, PaymentFile, Payout, RefundPayout, write_payment_file
from ledger.settle.bank.read_payment_file import read_payment_order


def written(payouts: Sequence[Payout | RefundPayout]) -> PaymentFile:
    return write_payment_file(payouts, debtor=DEBTOR, created_at=CREATED_AT)


def test_nothing_to_pay_is_refused() -> None:
    with pytest.raises(BadInput, match="nothing to pay"):
        written([])


def test_withdrawal_that_stands_twice_is_refused() -> None:
    first = the_payouts()[0]
    with pytest.raises(BadInput, match="Withdrawal 1 stands twice"):
        written([first, first])


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_amount_that_is_not_positive_is_refused(amount_fen: int) -> None:
    with pytest.raises(BadInput, match="must be positive"):
        written([replace(the_payouts()[0], amount_fen=amount_fen)])


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (BankAccount("", "1", "2"), "holder of the account for withdrawal 1 is empty"),
        (BankAccount("好" * 141, "1", "2"), "141 characters, at most 140"),
        (BankAccount("Farm", "1" * 35, "2"), "account number has 35 characters"),
        (BankAccount("Farm", " ", "2"), "account number is empty"),
        (BankAccount("Farm", "1", ""), "bank code is empty"),
        (BankAccount("Fa\x00rm", "1", "2"), "characters that no bank file can carry"),
    ],
)
def test_account_that_does_not_fit_the_schema_is_refused(account: BankAccount, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        written([replace(the_payouts()[0], account=account)])


def test_file_is_valid_against_the_schema(corpora: Path) -> None:
    schema = xmlschema.XMLSchema(str(corpora / "iso20022/xsd/pain.001.001.09.xsd"))
    largest = Payout(2**64 - 1, 9 * 10**14, BankAccount("好" * 140, "1" * 34, "1" * 14))
    account = BankAccount("买家 李雷", "6217001", "102100099996")
    refunds = [
        RefundPayout("0x" + "ab" * 32, "A-1", 1, 1, 1_250, account),
        RefundPayout("0x" + "cd" * 32, "订单" * 70, 255, 999, 9 * 10**14, replace(account, holder="好" * 140)),
    ]
    for payouts in (the_payouts(), [largest], refunds, [largest, *refunds]):
        schema.validate(written(payouts).data)


def test_bank_reads_what_was_to_be_paid_to_the_fen() -> None:
    order = read_payment_order(written(the_payouts()).data, source="payment file")
    assert order.message_id == MESSAGE_ID
    assert order.debtor_account == DEBTOR.number
    assert [(paid.end_to_end_id, paid.amount.minor, paid.creditor) for paid in order.instructions] == [
        ("SUYUAN-W1", 10_000, "绿叶农业合作社"),
        ("SUYUAN-W2", 1_234, "承运人 快冷物流"),
        ("SUYUAN-W3", 1, "主播 小溪"),
        ("SUYUAN-W4", 25_000_000, "Plateforme Suyuan & Fils"),
    ]


def test_same_withdrawals_give_the_same_bytes_in_any_order() -> None:
    assert (
        written(the_payouts()).data
        == written(the_payouts()[::-1]).data
        == a_file("payment_file.xml").replace(
            b'<?xml version="1.0" encoding="UTF-8"?>', b"<?xml version='1.0' encoding='UTF-8'?>"
        )
    )


def test_other_payouts_give_another_message_id() -> None:
    payouts = the_payouts()
    changed = [replace(payouts[0], amount_fen=10_001), *payouts[1:]]
    assert written(changed).message_id != written(payouts).message_id
    assert len(written(changed).message_id) <= 35


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("<NbOfTxs>4</NbOfTxs>", "<NbOfTxs>5</NbOfTxs>", "says 5, and the file holds 4"),
        ("<CtrlSum>250112.35</CtrlSum>", "<CtrlSum>250112.36</CtrlSum>", "the payments sum to 250112.35"),
        ("SUYUAN-W2</EndToEndId>", "SUYUAN-W1</EndToEndId>", "SUYUAN-W1 stands twice"),
        ("CstmrCdtTrfInitn", "BkToCstmrStmt", "no payment order"),
    ],
)
def test_payment_order_that_contradicts_itself_is_refused(before: str, after: str, words: str) -> None:
    text = written(the_payouts()).data.decode().replace(before, after)
    with pytest.raises(BadInput, match=words):
        read_payment_order(text.encode(), source="payment file")
