"""Comparing payments with bank statements: every difference is found, none is invented, every line is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bank_builders import CREATED_AT, FILES, a_file, a_payment, read, reconciled, the_payments
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadInput
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.reconcile import reconcile
from ledger.settle.reconciliation import Reconciliation


def found(result: Reconciliation) -> list[tuple[str, list[int], int | None]]:
    return [(d.kind, [payment.withdrawal for payment in d.ledger], d.gap_fen) for d in result.differences]


def test_missing_payout_and_one_a_fen_short_are_exactly_what_is_found() -> None:
    result = reconciled("statement_missing_payout_and_a_fen_short.xml")
    assert found(result) == [("missing_in_bank", [2], -1_234), ("amount_differs", [4], -1)]
    assert [match.payment.withdrawal for match in result.matched] == [1, 3]
    assert result.totals.gap_fen == -1_235


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("statement_missing_payout.xml", [("missing_in_bank", [2], -1_234)]),
        ("statement_a_fen_short.xml", [("amount_differs", [4], -1)]),
        ("statement_paid_twice.xml", [("duplicate_in_bank", [1], 10_000)]),
        ("statement_payout_returned.xml", [("returned", [3], -1)]),
        ("statement_payout_pending.xml", [("pending_in_bank", [2], -1_234)]),
        ("statement_balance_wrong.xml", [("balance_differs", [], 777)]),
        ("statement_v2_one_sum_a_fen_short.xml", [("amount_differs", [1, 2, 3, 4], -1)]),
        (
            "statement_with_fee_interest_and_buyer.xml",
            [("unknown_in_ledger", [], 500), ("unknown_in_ledger", [], -37), ("unknown_in_ledger", [], -2_933)],
        ),
    ],
)
def test_each_fault_is_found_and_nothing_else(name: str, expected: list[tuple[str, list[int], int]]) -> None:
    assert found(reconciled(name)) == expected


def test_every_difference_shows_both_sides_and_says_what_it_is() -> None:
    short = reconciled("statement_a_fen_short.xml").differences[0]
    assert short.sentence == (
        "Withdrawal 4 of Plateforme Suyuan & Fils (SUYUAN-W4, 250000.00 yuan) was paid as 249999.99 yuan, 0.01 less."
    )
    assert str(short.bank[0].amount) == "CNY 249999.99"
    assert short.bank[0].where.startswith("statement_a_fen_short.xml:")
    fee = reconciled("statement_with_fee_interest_and_buyer.xml").differences[0]
    assert "账户管理费 account fee" in fee.sentence
    assert "CNY 5.00 out" in fee.sentence


def test_good_statement_matches_every_payment() -> None:
    result = reconciled("statement_good.xml")
    assert result.agrees
    assert [match.payment.withdrawal for match in result.matched] == [1, 2, 3, 4]
    assert result.totals.ledger_fen == result.totals.bank_fen == 25_011_235
    assert result.remarks == ()


def test_sum_booked_for_the_whole_file_matches_every_payment() -> None:
    result = reconciled("statement_v2_booked_as_one_sum.xml")
    assert result.agrees
    assert [match.payment.withdrawal for match in result.matched] == [1, 2, 3, 4]
    assert result.totals.gap_fen == 0


def test_statement_read_again_after_booking_finds_nothing_new() -> None:
    first = reconciled("statement_missing_payout.xml")
    booked = {match.payment.withdrawal: match.line.booking_reference for match in first.matched}
    payments = [replace(payment, booked_as=booked.get(payment.withdrawal)) for payment in the_payments()]
    again = reconciled("statement_missing_payout.xml", payments)
    assert found(again) == found(first)
    assert all(match.already_booked for match in again.matched)
    assert again.totals == first.totals


def test_statement_that_lost_a_line_after_booking_is_read_as_of_when_it_was_made() -> None:
    good = reconciled("statement_good.xml")
    payments = [
        replace(match.payment, booked_as=match.line.booking_reference, closed_at=CREATED_AT + 3600)
        for match in good.matched
    ]
    again = reconciled("statement_missing_payout_and_a_fen_short.xml", payments)
    assert found(again) == found(reconciled("statement_missing_payout_and_a_fen_short.xml"))
    assert len(again.differences) == 2


def test_payment_booked_from_an_earlier_statement_is_not_missed_in_this_one() -> None:
    payments = [*the_payments()[:1], a_payment(2, booked_as="LAST-WEEK"), *the_payments()[2:]]
    assert reconciled("statement_missing_payout.xml", payments).agrees


def test_payment_that_another_booking_paid_already_is_a_duplicate() -> None:
    payments = [a_payment(1, booked_as="LAST-WEEK"), *the_payments()[1:]]
    result = reconciled("statement_good.xml", payments)
    assert found(result) == [("duplicate_in_bank", [1], 10_000)]
    assert "LAST-WEEK" in result.differences[0].sentence


def test_return_of_a_payment_booked_earlier_says_so() -> None:
    payments = [a_payment(3, booked_as="LAST-WEEK")]
    text = a_file("statement_payout_returned.xml").decode()
    entries = text.split("      <Ntry>")
    only_return = entries[0] + "      <Ntry>" + entries[4] + text[text.index("      <AddtlStmtInf>") :]
    result = reconcile(payments, read_statement(only_return.encode(), source="x").statements)
    (returned,) = [d for d in result.differences if d.kind == "returned"]
    assert returned.gap_fen == -1
    assert "AC04" in returned.sentence
    assert "LAST-WEEK" in returned.sentence


def test_line_lost_from_the_file_is_one_difference_and_the_balance_a_remark() -> None:
    result = reconciled("statement_line_lost_from_the_file.xml")
    assert found(result) == [("missing_in_bank", [2], -1_234)]
    assert "the file itself lost or changed it" in result.remarks[0]


@pytest.mark.parametrize("only", ["entry", "details"])
def test_bank_that_contradicts_itself_about_one_payment_is_one_difference(only: str) -> None:
    entry, details = a_file("statement_good.xml").decode().split("250000.00</Amt>", 1)
    short = "249999.99</Amt>"
    text = entry + (short if only == "entry" else "250000.00</Amt>") + details
    if only == "details":
        text = text[::-1].replace("250000.00</Amt>"[::-1], short[::-1], 1)[::-1]
    result = reconcile(the_payments(), read_statement(text.encode(), source="x").statements)
    assert found(result) == [("amount_differs", [4], -1)]
    assert "contradicts itself" in result.differences[0].sentence


def test_payment_in_another_currency_is_a_difference() -> None:
    text = a_file("statement_good.xml").decode().replace('Ccy="CNY">12.34', 'Ccy="HKD">12.34')
    result = reconcile(the_payments(), read_statement(text.encode(), source="x").statements)
    assert found(result) == [("currency_differs", [2], -1_234)]


def test_payment_on_a_line_that_brings_money_in_is_a_difference() -> None:
    head, tail = a_file("statement_good.xml").decode().split("<NtryRef>SUYUAN-W2</NtryRef>", 1)
    text = head + "<NtryRef>SUYUAN-W2</NtryRef>" + tail.replace("DBIT", "CRDT", 2)
    result = reconcile(the_payments(), read_statement(text.encode(), source="x").statements)
    assert found(result)[0] == ("wrong_direction", [2], -2_468)


def test_payment_file_younger_than_the_statement_is_not_due_yet() -> None:
    young = replace(
        a_payment(1), end_to_end_id="SUYUAN-W9", withdrawal=9, message_id="LATER", file_created_at=CREATED_AT + 1
    )
    result = reconciled("statement_good.xml", [*the_payments(), young])
    assert result.agrees
    assert result.not_due == (young,)


def test_payment_of_an_older_file_that_never_appears_is_missing() -> None:
    old = replace(
        a_payment(1), end_to_end_id="SUYUAN-W9", withdrawal=9, message_id="EARLIER", file_created_at=CREATED_AT - 1
    )
    assert found(reconciled("statement_good.xml", [*the_payments(), old])) == [("missing_in_bank", [9], -10_000)]


def test_reference_in_the_remittance_text_is_enough() -> None:
    text = a_file("statement_good.xml").decode()
    for tag in ("EndToEndId", "InstrId", "NtryRef"):
        text = text.replace(f"<{tag}>SUYUAN-W2</{tag}>", f"<{tag}>X</{tag}>")
    text = text.replace("Suyuan withdrawal 2", "付款 SUYUAN-W2；谢谢")
    assert reconcile(the_payments(), read_statement(text.encode(), source="x").statements).agrees


def test_statement_of_another_account_says_so() -> None:
    statements = read("statement_good.xml").statements
    assert reconcile(the_payments(), statements, account="110060149012345678").remarks == ()
    assert "the account that pays, 42;" in reconcile(the_payments(), statements, account="42").remarks[0]


def test_statements_of_strangers_are_unknown_lines_each() -> None:
    result = reconciled("statement_good.xml", [])
    assert [d.kind for d in result.differences] == ["unknown_in_ledger"] * 4
    assert result.totals.gap_fen == 25_011_235


@pytest.mark.parametrize("path", sorted(FILES.glob("statement_*.xml")), ids=lambda path: path.stem)
def test_gaps_sum_to_the_gap_of_the_totals(path: Path) -> None:
    try:
        result = reconciled(path.name)
    except BadInput:
        return
    gaps = [d.gap_fen or 0 for d in result.differences if d.kind not in ("balance_differs", "details_differ")]
    assert result.totals.gap_fen == sum(gaps)


@given(
    dropped=st.sets(st.integers(1, 4)),
    changes=st.dictionaries(st.integers(1, 4), st.integers(-1, 10**6).filter(bool), max_size=4),
)
def test_any_payouts_dropped_or_changed_are_exactly_what_is_found(dropped: set[int], changes: dict[int, int]) -> None:
    (statement,) = read("statement_good.xml").statements
    entries = []
    expected = {(number, "missing_in_bank") for number in dropped}
    for number, entry in enumerate(statement.entries, start=1):
        change = changes.get(number, 0)
        if number in dropped:
            continue
        if change and entry.amount.minor + change >= 0:
            expected.add((number, "amount_differs"))
            amount = replace(entry.amount, minor=entry.amount.minor + change)
            details = tuple(replace(detail, amount=amount) for detail in entry.transactions)
            entry = replace(entry, amount=amount, transactions=details)
        entries.append(entry)
    result = reconcile(the_payments(), [replace(statement, entries=tuple(entries), balances=())])
    assert {(d.ledger[0].withdrawal, d.kind) for d in result.differences} == expected
    assert len(result.matched) + len(result.differences) == 4


def test_line_of_a_stranger_is_no_sum_of_the_file_that_it_names() -> None:
    text = a_file("statement_good.xml").decode().replace("SUYUAN-W2<", "SUYUAN-W99<").replace("withdrawal 2", "x")
    result = reconcile(the_payments(), read_statement(text.encode(), source="x").statements)
    assert sorted(found(result)) == [("missing_in_bank", [2], -1_234), ("unknown_in_ledger", [], 1_234)]
    assert [match.payment.withdrawal for match in result.matched] == [1, 3, 4]


def test_payment_shown_as_paid_after_it_was_given_back_is_a_difference() -> None:
    early, late = CREATED_AT - 10**6, CREATED_AT + 10**7  # given back before, and after, the statement was made
    given_back = [replace(a_payment(1), returned=True, closed_at=early), *the_payments()[1:]]
    result = reconcile(given_back, read("statement_good.xml").statements)
    assert found(result) == [("duplicate_in_bank", [1], 10_000)]
    assert "has the credit back" in result.differences[0].sentence
    assert result.totals.gap_fen == 10_000
    given_back[0] = replace(given_back[0], closed_at=late)
    assert reconcile(given_back, read("statement_good.xml").statements).agrees


def test_line_copied_in_the_file_is_one_difference_and_the_balance_a_remark() -> None:
    text = a_file("statement_good.xml").decode()
    entry = text[text.index("      <Ntry>") : text.index("</Ntry>") + len("</Ntry>\n")]
    doubled = text.replace(entry, entry + entry, 1)
    result = reconcile(the_payments(), read_statement(doubled.encode(), source="x").statements)
    assert found(result) == [("duplicate_in_bank", [1], 10_000)]
    assert "the file itself lost or changed it" in result.remarks[0]
