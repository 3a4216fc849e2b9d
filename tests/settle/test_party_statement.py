"""A party's statement: opening and lines make the closing balance, each is explained, and a spreadsheet is safe."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from row_builders import (
    CARRIER,
    CREATOR,
    MERCHANT,
    NOW,
    PLATFORM,
    a_debt,
    a_refund,
    a_rule,
    an_entry,
    an_order,
    settle,
)
from sqlalchemy import Connection, update

from ledger.errors import BadInput, NotFound
from ledger.settle.explain_order import explain_order
from ledger.settle.order_refunds import OrderRefunds, held_by_leg
from ledger.settle.party_statement import PartyStatement, day_of, parse_day, party_statement
from ledger.settle.split import Leg, LegKind
from ledger.settle.statement_csv import harmless, statement_csv
from ledger.settle.statement_table import AMOUNT, BALANCE
from ledger.settle.statement_xlsx import statement_xlsx
from ledger.store.schema import member

DAY = date(2026, 4, 20)
MIDNIGHT = 1_776_614_400  # 2026-04-20T00:00:00+08:00


def a_day(connection: Connection) -> PartyStatement:
    """The creator's: two orders of 100.00 and 33.33 yuan, a withdrawal, a transfer; 1.00 from the day before."""
    an_entry(connection, CREATOR, 100, "credited", at=MIDNIGHT - 1)
    an_order(connection, "A-1", state="settled", amount_fen=10_000, at=MIDNIGHT)
    an_order(connection, "A-2", state="settled", amount_fen=3_333, at=MIDNIGHT + 60)
    an_entry(connection, CREATOR, -600, "withdrawn", at=NOW, withdrawal=1)
    an_entry(connection, CREATOR, -1, "transferred", at=NOW, note='=HYPERLINK("http://x.example")')
    an_entry(connection, CREATOR, 9_999, "credited", at=MIDNIGHT + 86_400)
    return party_statement(connection, CREATOR, DAY)


@pytest.mark.parametrize("text", ["", "20260420", "2026-13-01", "2026-W17-1", "today", "2026-4-20"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no day"):
        parse_day(text)


def test_unknown_party_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="no member 99"):
        party_statement(connection, 99, DAY)


def test_day_is_chinas() -> None:
    assert parse_day("2026-04-20") == day_of(MIDNIGHT) == day_of(MIDNIGHT + 86_399) == DAY
    assert day_of(MIDNIGHT - 1) == date(2026, 4, 19)


def test_opening_and_lines_make_the_closing_balance(connection: Connection) -> None:
    statement = a_day(connection)
    assert (statement.opening_fen, statement.closing_fen) == (100, 100 + 500 + 333 - 600 - 1)
    assert [line.amount_fen for line in statement.lines] == [500, 333, -600, -1]
    assert [line.balance_fen for line in statement.lines] == [600, 933, 333, 332]


def test_each_credit_names_order_version_leg_and_arithmetic(connection: Connection) -> None:
    first, second, *_ = a_day(connection).lines
    assert first.time == "2026-04-20T00:00:00+08:00"
    assert (first.merchant, first.order_number, first.rule, first.version, first.leg) == (
        "Green Table 绿桌",
        "A-1",
        1,
        1,
        1,
    )
    assert first.operation == "10,000 fen × 1,000 bp ÷ 10,000 = 1,000, capped at 500"
    assert second.operation == "3,333 fen × 1,000 bp ÷ 10,000 = 333 (rounded down)"


def test_two_legs_of_one_payee_are_two_lines_each_with_its_own_arithmetic(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled", amount_fen=10_000, at=NOW)
    lines = party_statement(connection, MERCHANT, DAY).lines
    assert [(line.leg, line.operation) for line in lines] == [(3, "what the other legs leave: 9,000")]
    assert party_statement(connection, CARRIER, DAY).lines[0].operation == "fixed 200 fen"


def test_day_without_movement_closes_as_it_opened(connection: Connection) -> None:
    an_entry(connection, PLATFORM, 7, "credited", at=MIDNIGHT - 1)
    statement = party_statement(connection, PLATFORM, DAY)
    assert (statement.opening_fen, statement.lines, statement.closing_fen) == (7, (), 7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(-(10**14), 10**14), st.integers(-86_400, 2 * 86_400)), max_size=12))
def test_any_movements_add_up_on_every_day(connection: Connection, moves: list[tuple[int, int]]) -> None:
    before = party_statement(connection, PLATFORM, date(2026, 4, 18)).closing_fen
    for fen, offset in moves:
        an_entry(connection, PLATFORM, fen, "transferred", at=MIDNIGHT + offset)
    balance = before
    for day in (19, 20, 21, 22):
        statement = party_statement(connection, PLATFORM, date(2026, 4, day))
        assert statement.opening_fen == balance
        balance = statement.closing_fen
        assert statement.opening_fen + sum(line.amount_fen for line in statement.lines) == balance


# --- refunds ---------------------------------------------------------------------------------------------------------


def test_credit_after_a_refund_is_explained_by_what_remained(connection: Connection) -> None:
    an_order(connection, "A-1", amount_fen=3_333)
    a_refund(connection, "A-1", 1, 1_000)
    settle(connection, "A-1")
    (line,) = party_statement(connection, CREATOR, DAY).lines
    assert (line.amount_fen, line.operation) == (233, "2,333 fen × 1,000 bp ÷ 10,000 = 233 (rounded down)")


def test_what_a_refund_took_back_names_order_leg_arithmetic_and_reason(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled", amount_fen=3_333)
    a_refund(connection, "A-1", 1, 333)
    a_refund(connection, "A-1", 2, 1_000, requested_tx="0x" + "16" * 32)
    first, second, _ = lines = party_statement(connection, CREATOR, DAY).lines
    assert [line.amount_fen for line in lines] == [333, -33, -100]
    assert (first.kind, second.kind, second.order_number, second.leg) == ("credited", "refunded", "A-1", 1)
    assert second.operation == "of the 3,000 fen that remain 300, of 3,333 before 333"
    assert second.note == "叶子黄了"
    assert party_statement(connection, CREATOR, DAY).closing_fen == 200


def test_what_is_owed_stands_below_the_balance_and_every_kind_has_its_word(connection: Connection) -> None:
    for kind, fen in (("uncovered", 500), ("debt_paid", -200), ("fund_in", -10), ("fund_out", 20), ("refunded", -7)):
        an_entry(connection, CREATOR, fen, kind)
    a_debt(connection, CREATOR, 500)
    a_debt(connection, CREATOR, -200)
    a_debt(connection, CREATOR, 50, at=MIDNIGHT + 86_400)
    statement = party_statement(connection, CREATOR, DAY)
    assert (statement.closing_fen, statement.owed_fen) == (303, 300)
    _, _, *lines, closing, owed = csv.reader(io.StringIO(statement_csv(statement).decode("utf-8-sig"), newline=""))
    assert [line[1] for line in lines] == [
        "退款不足，转为欠款 refund not covered, owed",
        "偿还欠款 debt paid",
        "存入保障金 paid into the guarantee fund",
        "保障金拨付 paid from the guarantee fund",
        "退款 refunded",
    ]
    assert (closing[BALANCE], owed[1], owed[BALANCE]) == ("3.03", "欠款 Owed", "3.00")
    assert load_workbook(io.BytesIO(statement_xlsx(statement))).active.max_row == 10  # type: ignore[union-attr]


# --- CSV and XLSX ----------------------------------------------------------------------------------------------------


def test_csv_opens_rightly_and_says_what_the_statement_says(connection: Connection) -> None:
    data = statement_csv(a_day(connection))
    assert data.startswith(b"\xef\xbb\xbf")
    heading, opening, first, *_, closing = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert heading[AMOUNT] == "金额(元) Amount (yuan)"
    assert (opening[1], opening[BALANCE]) == ("期初余额 Opening balance", "1.00")
    assert (first[AMOUNT], first[BALANCE], first[3]) == ("5.00", "6.00", "A-1")
    assert (closing[1], closing[BALANCE]) == ("期末余额 Closing balance", "3.32")


def test_csv_holds_no_formula_and_keeps_the_minus_of_amounts(connection: Connection) -> None:
    rows = list(csv.reader(io.StringIO(statement_csv(a_day(connection)).decode("utf-8-sig"), newline="")))
    cells = [(column, cell) for row in rows for column, cell in enumerate(row)]
    formulas = [cell for column, cell in cells if cell[:1] in "=+-@\t\r" and cell and column not in (AMOUNT, BALANCE)]
    assert formulas == []
    assert '\'=HYPERLINK("http://x.example")' in [cell for _, cell in cells]
    assert rows[4][AMOUNT] == "-6.00"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "＝1"])
def test_text_that_looks_like_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["A-1", "绿桌", "", "1.00", "'=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_xlsx_amounts_are_numbers_with_two_decimals(connection: Connection) -> None:
    statement = a_day(connection)
    sheet = load_workbook(io.BytesIO(statement_xlsx(statement))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=3))
    amounts = [row[AMOUNT] for row in rows[1:-1]]
    assert [Decimal(str(cell.value)) for cell in amounts] == [
        Decimal(line.amount_fen) / 100 for line in statement.lines
    ]
    assert {cell.number_format for cell in amounts} == {"#,##0.00"}
    assert Decimal(str(rows[-1][BALANCE].value)) == Decimal("3.32")


def test_xlsx_text_that_looks_like_a_formula_is_text(connection: Connection) -> None:
    book = load_workbook(io.BytesIO(statement_xlsx(a_day(connection))))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("fen", "cell"),
    [
        (999_999_999_999_999, "<v>9999999999999.99</v>"),  # 15 digits: what a spreadsheet keeps of a number
        (-600, "<v>-6.00</v>"),
        (90_000_000_000_000_001, "<t>900000000000000.01</t>"),  # more: as text, or its last fen would be lost
    ],
)
def test_xlsx_amounts_are_written_to_the_fen(connection: Connection, fen: int, cell: str) -> None:
    an_entry(connection, PLATFORM, fen, "transferred")
    data = statement_xlsx(party_statement(connection, PLATFORM, DAY))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert cell in archive.read("xl/worksheets/sheet1.xml").decode()


def test_party_whose_name_no_workbook_can_hold_gets_its_statement(connection: Connection) -> None:
    connection.execute(update(member).where(member.c.member == PLATFORM).values(name="=cmd\x01|x"))
    assert statement_xlsx(party_statement(connection, PLATFORM, DAY))


# --- one order -------------------------------------------------------------------------------------------------------


def test_unknown_order_is_not_found(connection: Connection) -> None:
    with pytest.raises(NotFound, match="has no order A-9"):
        explain_order(connection, MERCHANT, "A-9")


def test_settled_order_is_explained_leg_by_leg_as_it_was_credited(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled", amount_fen=3_333)
    order = explain_order(connection, MERCHANT, "A-1")
    assert [(leg.payee, leg.amount_fen, leg.left_fen) for leg in order.legs] == [
        ("Cold Express 快冷", 200, 3_133),
        ("小溪直播", 333, 2_800),
        ("Suyuan Platform", 99, 2_701),
        ("Green Table 绿桌", 2_701, 0),
    ]
    assert sum(leg.amount_fen for leg in order.legs) == order.amount_fen
    assert all(leg.credited_fen == leg.amount_fen for leg in order.legs)
    assert order.pinned


def test_credit_that_is_not_what_the_rule_gives_is_seen(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled")
    connection.exec_driver_sql("UPDATE payout SET amount_fen = amount_fen - 1 WHERE leg = 1")
    assert [leg.agrees for leg in explain_order(connection, MERCHANT, "A-1").legs] == [True, False, True, True]


def test_order_refunded_in_part_is_explained_by_what_remains(connection: Connection) -> None:
    an_order(connection, "A-1", amount_fen=10_000)
    a_refund(connection, "A-1", 1, 1_000)
    settle(connection, "A-1")
    a_refund(connection, "A-1", 2, 5_667)
    order = explain_order(connection, MERCHANT, "A-1")
    assert (order.amount_fen, order.refunded_fen, order.rest_fen) == (10_000, 6_667, 3_333)
    assert [one.amount_fen for one in order.refunds] == [1_000, 5_667]
    assert [leg.amount_fen for leg in order.legs] == [200, 333, 99, 2_701]
    assert [leg.credited_fen for leg in order.legs] == [200, 333, 99, 2_701]


def test_order_refunded_in_full_leaves_every_leg_at_zero(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled")
    a_refund(connection, "A-1", 1, 10_000)
    order = explain_order(connection, MERCHANT, "A-1")
    assert (order.state, order.rest_fen) == ("refunded", 0)
    assert {(leg.amount_fen, leg.credited_fen) for leg in order.legs} == {(0, 0)}


def test_refund_that_took_another_amount_than_the_rule_is_seen(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled")
    a_refund(connection, "A-1", 1, 7_000)
    connection.exec_driver_sql(f"UPDATE entry SET amount_fen = -1 WHERE kind = 'refunded' AND member = {CREATOR}")
    assert [leg.agrees for leg in explain_order(connection, MERCHANT, "A-1").legs] == [True, False, True, True]


def test_refunds_of_a_payee_with_two_legs_are_seen_leg_by_leg(connection: Connection) -> None:
    legs = (Leg(MERCHANT, LegKind.FIXED, 2_000), Leg(MERCHANT, LegKind.RESIDUAL))
    held = {0: 2_000, 1: 8_000}
    refunded = OrderRefunds((SimpleNamespace(amount_fen=9_000, settled=True),), {MERCHANT: -9_000})  # type: ignore[arg-type]
    assert held_by_leg(10_000, legs, held, refunded) == (1_000, 0)
    short = OrderRefunds(refunded.rows, {MERCHANT: -8_999})
    assert held_by_leg(10_000, legs, held, short) == (1_001, 0)


def test_order_that_went_back_with_its_batch_leaves_every_leg_at_zero(connection: Connection) -> None:
    """The batch's refund is booked for all its orders together."""
    identity = an_order(connection, "A-1", state="settled")
    a_refund(connection, "A-1", 1, 10_000)
    connection.exec_driver_sql(
        f"UPDATE entry SET order_id = '0xba7c4' WHERE kind = 'refunded' AND order_id = '{identity}'"
    )
    order = explain_order(connection, MERCHANT, "A-1")
    assert {(leg.amount_fen, leg.credited_fen) for leg in order.legs} == {(0, 0)}


def test_paid_order_is_explained_by_its_pinned_version_not_the_newest(connection: Connection) -> None:
    an_order(connection, "A-1", state="paid")
    a_rule(connection, version=2, base=1, legs=(Leg(MERCHANT, LegKind.RESIDUAL),))
    order = explain_order(connection, MERCHANT, "A-1")
    assert (order.version, order.pinned, len(order.legs)) == (1, True, 4)
    assert {leg.credited_fen for leg in order.legs} == {None}


def test_placed_order_is_explained_by_the_version_in_force_and_says_that_none_is_pinned(connection: Connection) -> None:
    an_order(connection, "A-1", state="placed")
    order = explain_order(connection, MERCHANT, "A-1")
    assert (order.version, order.pinned, len(order.legs)) == (1, False, 4)
