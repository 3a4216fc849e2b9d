"""Reading bank files: what is refused and where, and what real banks' files of all versions say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from bank_builders import a_file, read

from ledger.errors import BadInput
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.statement import Amount


def refused(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_statement(data, source="bank.xml")
    return caught.value


@pytest.mark.parametrize(
    ("name", "words", "line"),
    [
        ("statement_fraction_of_a_fen.xml", "100.005 has more decimals than CNY has", 54),
        ("statement_negative_amount.xml", "-100.00 is negative", 54),
        ("statement_unknown_currency.xml", "'YUA' is no currency", 54),
        ("statement_without_direction.xml", "<Ntry> has no <CdtDbtInd>", 52),
        ("statement_without_statement.xml", "holds no statement", 3),
        ("payment_file.xml", "a payment order (pain.001), not a bank statement", 3),
    ],
)
def test_faulty_file_is_refused_with_its_line(name: str, words: str, line: int) -> None:
    error = refused(a_file(name))
    assert words in error.what
    assert error.where == f"bank.xml:{line}"


def test_csv_export_is_refused_as_no_xml() -> None:
    assert "not XML" in refused(a_file("statement_not_xml.txt")).what


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("<Cd>BOOK</Cd>", "", "<Sts> is empty"),
        ("<CdtDbtInd>DBIT</CdtDbtInd>\n        <Sts>", "<CdtDbtInd>OUT</CdtDbtInd><Sts>", "neither CRDT nor DBIT"),
        ("<Dt>2026-04-20</Dt>", "<Dt>2026-02-30</Dt>", "holds no date"),
        ("2026-04-20T18:00:00+08:00", "yesterday", "no date with time"),
        ("2026-04-20T18:00:00+08:00", "2026-04-20T18:00:00+99:99", "no date with time"),
        ("2026-04-20T18:00:00+08:00", "2026-04-20T25:00:00", "no date with time"),
        ("2026-04-20T18:00:00+08:00", "9999-12-31T24:00:00", "no date with time"),
        (' Ccy="CNY">100.00', ">100.00", "names no currency"),
        (">100.00</Amt>", ">1e2</Amt>", "not a decimal number"),
        (">100.00</Amt>", "></Amt>", "not a decimal number"),
        (">100.00</Amt>", ">1,00</Amt>", "not a decimal number"),
        (">100.00</Amt>", ">１００</Amt>", "not a decimal number"),
        (">100.00</Amt>", ">1<b/>00.00</Amt>", "holds elements"),
        (">100.00</Amt>", f">{'9' * 19}</Amt>", "too large"),
        ("<Id>110060149012345678</Id>", "", "names no account"),
        ("camt.053.001.08", "camt.054.001.08", "says it is camt.054, and its content is camt.053"),
        (' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', "", "does not say which message it is"),
    ],
)
def test_each_fault_in_a_statement_is_refused(before: str, after: str, words: str) -> None:
    text = a_file("statement_good.xml").decode()
    assert before in text
    assert words in refused(text.replace(before, after, 1).encode()).what


BROKEN = {
    "camt053.v2.wrong.xml": "holds no statement",
    "invalid_pain_v11.xml": "a payment status report (pain.002)",
    "valid_camt_v09.xml": "a request to cancel payments (camt.055)",
    "musterfile_pain.001_Nov2020.xml": "a payment order (pain.001)",
}


def test_every_real_statement_is_read_and_every_other_file_refused(corpora: Path) -> None:
    files = sorted([*(corpora / "iso20022/camt-genkgo").iterdir(), *(corpora / "iso20022/moov").iterdir()])
    assert len(files) > 30
    for path in files:
        words = BROKEN.get(path.name, "status report" if path.name.startswith("pain002") else None)
        if words is not None:
            with pytest.raises(BadInput) as caught:
                read_statement(path.read_bytes(), source=path.name)
            assert words in caught.value.what
            continue
        file = read_statement(path.read_bytes(), source=path.name)
        assert file.kind in path.name.replace("camt05", "camt.05").replace("camt_05", "camt.05")
        assert all(statement.account and statement.entries for statement in file.statements)


def test_real_statements_whose_balances_add_up_are_seen_to(corpora: Path) -> None:
    finnish = corpora / "iso20022/moov/FI_camt_053_sample.xml.xml"
    two_days = corpora / "iso20022/camt-genkgo/camt053.v2.multi.statement.xml"
    for path in (finnish, two_days):
        statements = read_statement(path.read_bytes(), source=path.name).statements
        assert [statement.balance_gap for statement in statements] == [0] * len(statements)


def test_real_statement_that_does_not_add_up_is_read_and_its_gap_told(corpora: Path) -> None:
    path = corpora / "iso20022/moov/camt.053_P_CH2909000000250094239_1110092698_0_2020112503071366.xml"
    (statement,) = read_statement(path.read_bytes(), source=path.name).statements
    assert statement.balance_gap == -153_700  # 1537.00 CHF is valued a day later and not in the closing balance


def test_batch_shows_each_of_its_payments(corpora: Path) -> None:
    path = corpora / "iso20022/moov/FI_camt_053_sample.xml.xml"
    (statement,) = read_statement(path.read_bytes(), source=path.name).statements
    batch = statement.entries[2]
    assert batch.amount == Amount(423_005, "EUR")
    assert [payment.amount for payment in batch.transactions] == [
        Amount(200_002, "EUR"),
        Amount(100_001, "EUR"),
        Amount(123_002, "EUR"),
    ]
    assert batch.batches[0].message_id == "MSGSCT0100"
    assert batch.details_gap == 0


@pytest.mark.parametrize(
    ("said", "read_as"),
    [
        ("2026-04-20T24:00:00", "2026-04-21T00:00:00"),
        ("2026-04-20T18:00:00Z", "2026-04-20T18:00:00+00:00"),
        ("2026-04-20T18:00:00.123456789+08:00", "2026-04-20T18:00:00.123456+08:00"),
    ],
)
def test_every_form_of_time_that_xml_schema_allows_is_read(said: str, read_as: str) -> None:
    text = a_file("statement_good.xml").decode().replace("2026-04-20T18:00:00+08:00", said)
    assert read_statement(text.encode(), source="bank.xml").created == read_as


def test_status_is_read_as_text_and_as_code() -> None:
    assert read("statement_v2_booked_as_one_sum.xml").statements[0].entries[0].status == "BOOK"
    assert read("statement_good.xml").statements[0].entries[0].status == "BOOK"


def test_zeros_beyond_a_currencys_decimals_are_no_fault(corpora: Path) -> None:
    path = corpora / "iso20022/camt-genkgo/camt053.v2.all-balance-types.xml"
    (statement,) = read_statement(path.read_bytes(), source=path.name).statements
    assert statement.entries[0].amount == Amount(885, "EUR")  # written 8.850
    assert [balance.code for balance in statement.balances][:4] == ["OPBD", "PRCD", "OPAV", "CLBD"]


def test_currency_decides_how_many_decimals_count(corpora: Path) -> None:
    path = corpora / "iso20022/camt-genkgo/camt053.v8.xml"
    (statement,) = read_statement(path.read_bytes(), source=path.name).statements
    yen = statement.balance("CLAV")
    assert yen is not None
    assert (yen.signed, yen.currency) == (-2_700, "JPY")


def test_amount_around_a_comment_is_read_whole() -> None:
    (statement,) = read("statement_amount_with_comment.xml").statements
    assert statement.entries[0].amount == Amount(10_000, "CNY")


def test_everything_a_statement_says_of_a_payment_is_kept() -> None:
    file = read("statement_good.xml")
    assert (file.kind, file.version) == ("camt.053", 8)
    (statement,) = file.statements
    entry = statement.entries[1]
    (payment,) = entry.transactions
    assert (entry.direction, entry.booked, entry.reversal) == ("debit", True, False)
    assert (entry.booked_on, entry.valued_on) == (date(2026, 4, 20), date(2026, 4, 20))
    assert payment.end_to_end_id == payment.instruction_id == "SUYUAN-W2"
    assert payment.remittance == ("Suyuan withdrawal 2",)
    assert (payment.counterparty, payment.counterparty_account) == ("承运人 快冷物流", "621700123456789002")
    assert statement.balance_gap == 0


def test_statement_inside_an_envelope_with_prefixes_is_read() -> None:
    text = a_file("statement_good.xml").decode().split("?>", 1)[1]
    text = text.replace("<Document xmlns=", "<c:Document xmlns:c=").replace("</Document>", "</c:Document>")
    inner = re.sub(r"<(/?)(?!c:)([A-Z])", r"<\1c:\2", text)
    file = read_statement(f"<Envelope><AppHdr/>{inner}</Envelope>".encode(), source="bank.xml")
    assert len(file.statements[0].entries) == 4
