"""The stand-in bank says that it is none, refuses what a bank would, and answers as a bank does."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from bank_builders import CREATED_AT, DEBTOR, a_file, the_payouts

from ledger.errors import BadInput
from ledger.settle.bank.payment_file import write_payment_file
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank


def the_payment_file() -> bytes:
    return write_payment_file(the_payouts(), debtor=DEBTOR, created_at=CREATED_AT).data


def test_account_that_holds_too_little_is_refused() -> None:
    with pytest.raises(BadInput, match=r"holds 250112\.34 yuan, and the file asks for 250112\.35"):
        StandInBank(opening_fen=25_011_234).execute(the_payment_file())


def test_payment_in_another_currency_is_refused() -> None:
    with pytest.raises(BadInput, match="SUYUAN-W1 is in EUR"):
        StandInBank().execute(the_payment_file().replace(b'InstdAmt Ccy="CNY">100.00', b'InstdAmt Ccy="EUR">100.00'))


def test_file_with_a_document_type_is_refused() -> None:
    with pytest.raises(BadInput, match="document type"):
        StandInBank().execute(the_payment_file().replace(b"<Document", b"<!DOCTYPE a>\n<Document"))


def test_every_statement_says_that_it_is_no_banks() -> None:
    text = StandInBank().execute(the_payment_file()).decode()
    assert "StandInBank: a stand-in, not a bank. No money was moved." in text


def test_statement_is_valid_against_the_schema(corpora: Path) -> None:
    schema = xmlschema.XMLSchema(str(corpora / "iso20022/xsd/camt.053.001.08.xsd"))
    schema.validate(StandInBank(opening_fen=30_000_000).execute(the_payment_file()))


def test_same_file_gets_the_same_answer() -> None:
    assert StandInBank().execute(the_payment_file()) == StandInBank().execute(a_file("payment_file.xml"))


def test_every_payment_is_booked_once_and_the_balance_adds_up() -> None:
    data = StandInBank(opening_fen=30_000_000).execute(the_payment_file())
    (statement,) = read_statement(data, source="statement").statements
    assert [entry.amount.minor for entry in statement.entries] == [10_000, 1_234, 1, 25_000_000]
    assert statement.balance_gap == 0
    closing = statement.balance("CLBD")
    assert closing is not None
    assert closing.signed == 30_000_000 - 25_011_235
