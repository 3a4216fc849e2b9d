"""The merchant's own page: every fen of every split explained, in both languages."""

from __future__ import annotations

import csv
import io
import re

import pytest
from api_scene import Served
from openpyxl import load_workbook

from api.pages.merchant import arithmetic
from ledger.index import events as chain
from ledger.settle.split import Leg, LegKind, explain

DAY = "2026-04-18"


@pytest.fixture
def trading(served: Served) -> Served:
    """Order 1001 is settled, 1002 paid, 1003 placed."""
    legs = served.scene.a_rule()
    for number, amount_fen in (("1001", 12345), ("1002", 2999), ("1003", 29900)):
        served.scene.place(number, amount_fen)
    served.scene.pay("1001", legs)
    served.scene.pay("1002", legs)
    served.scene.deliver_and_settle("1001", legs)
    return served


def test_page_is_its_merchants_alone(trading: Served) -> None:
    assert trading.page("/merchant/merchant").status_code == 401
    answer = trading.page("/merchant/merchant", as_="creator")
    assert answer.status_code == 403
    assert "123.45" not in answer.text
    assert trading.page("/merchant/creator", as_="creator").status_code == 200


def test_every_split_is_explained_line_by_line(trading: Served) -> None:
    text = trading.page("/merchant/merchant", as_="merchant").text
    (settled,) = re.findall(r'data-number="1001".*?</details>', text, re.S)
    for words in (
        "settled",
        "Rule 1, version 1, pinned when it was paid",
        "fixed ¥0.30",
        "¥123.45 × 12 % = ¥14.81 (rounded down to the fen)",
        "everything that the other legs leave",
        "¥108.34",
        "快达物流 Kuaida Logistics",
    ):
        assert words in settled
    assert "¥123.45</td><td></td></tr></tfoot>" in settled


def test_states_and_balances_are_told_in_the_readers_language(trading: Served) -> None:
    text = trading.page("/merchant/merchant", "zh-CN", as_="merchant").text
    states = dict(re.findall('data-number="(.*?)" data-state="(.*?)"', text))
    assert states == {"1001": "已结算", "1002": "已付款", "1003": "待付款"}
    assert '<b id="available">¥108.34</b>' in text
    assert "<b>¥29.99</b>" in text  # in escrow
    assert f'href="/statements/merchant/{DAY}.csv"' in text


def order_card(page: Served, number: str, language: str = "en") -> str:
    text = page.page("/merchant/merchant", language, as_="merchant").text
    (card,) = re.findall(rf'data-number="{number}".*?</details>', text, re.S)
    return str(card)


def test_refund_of_a_paid_order_is_shown_with_the_split_of_what_remains(trading: Served) -> None:
    trading.scene.refund("1002", 1, 999, settled=False)
    card = order_card(trading, "1002")
    for words in (
        "Refund 1",
        "¥9.99",
        "叶子黄了",
        "waits for the bank to pay",
        "¥9.99 refunded",
        "¥20.00 × 12 % = ¥2.40",
    ):
        assert words in card
    assert "How it will be split when it is settled" in card
    assert "<b>¥20.00</b>" in trading.page("/merchant/merchant", as_="merchant").text  # in escrow


def test_refunds_before_and_after_settlement_agree_with_the_rule(trading: Served) -> None:
    legs = trading.scene.a_rule()
    trading.scene.refund("1002", 1, 999, settled=False)
    trading.scene.deliver_and_settle("1002", legs)
    trading.scene.refund("1002", 2, 1000, settled=True)
    card = order_card(trading, "1002")
    assert "How what remains is split" in card
    assert "¥10.00 × 12 % = ¥1.20" in card
    assert 'class="notice bad"' not in card
    order = trading.get("/orders/1002", as_="merchant").json()
    assert [line["credited_fen"] for line in order["split"]] == [30, 120, 850]
    assert [line["amount_fen"] for line in order["split"]] == [30, 120, 850]


def test_order_refunded_in_full_says_so_in_both_languages(trading: Served) -> None:
    trading.scene.refund("1001", 1, 12345, settled=True)
    card = order_card(trading, "1001", "zh-CN")
    assert 'data-state="已退款"' in card
    assert "等待银行付款" in card
    assert 'class="notice bad"' not in card
    trading.scene.emit(chain.RefundBooked(trading.scene.order_id("1001"), 1, 12345, "BANK-1"))
    assert "the bank has paid the shopper" in order_card(trading, "1001")
    assert trading.get("/orders/1001", as_="merchant").json()["refunds"][0]["state"] == "booked"


def test_what_is_owed_is_shown_where_something_is(trading: Served) -> None:
    assert 'id="owed"' not in trading.page("/merchant/creator", as_="creator").text
    trading.scene.emit(chain.RefundUncovered(trading.scene.numbers["creator"], 100, 23))
    assert '<b id="owed">¥1.23</b>' in trading.page("/merchant/creator", as_="creator").text
    assert trading.get("/withdrawals", as_="creator").json()["owed_fen"] == 123


def test_payee_sees_its_balance_and_no_orders(trading: Served) -> None:
    text = trading.page("/merchant/creator", as_="creator").text
    assert '<b id="available">¥14.81</b>' in text
    assert 'class="card order"' not in text


def test_frozen_account_is_told(trading: Served) -> None:
    trading.scene.emit(chain.AccountFrozen(trading.scene.numbers["merchant"], 0, "court order 7"))
    assert "court order 7" in trading.page("/merchant/merchant", as_="merchant").text


def test_many_orders_come_in_pages(served: Served) -> None:
    served.scene.a_rule()
    for number in range(60):
        served.scene.place(f"{number:04}", 1000)
    first = served.page("/merchant/merchant", as_="merchant").text
    assert first.count('class="card order"') == 25
    assert 'data-number="0059"' in first
    last = served.page("/merchant/merchant?page=99", as_="merchant").text
    assert 'data-number="0000"' in last
    assert "page 3 of 3" in last


def test_statement_is_its_partys_alone_and_of_a_day(trading: Served) -> None:
    assert trading.get(f"/statements/merchant/{DAY}.csv").status_code == 401
    assert trading.get(f"/statements/merchant/{DAY}.csv", as_="creator").status_code == 403
    assert trading.get("/statements/merchant/today.csv", as_="merchant").status_code == 400
    assert trading.get(f"/statements/merchant/{DAY}.pdf", as_="merchant").status_code == 404


def test_statement_comes_in_three_forms_that_agree(trading: Served) -> None:
    told = trading.get(f"/statements/merchant/{DAY}.json", as_="merchant").json()
    assert (told["opening_fen"], told["closing_fen"], len(told["lines"])) == (0, 10834, 1)
    sheet = trading.get(f"/statements/merchant/{DAY}.csv", as_="merchant")
    assert "attachment" in sheet.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert "108.34" in rows[-1]
    book = trading.get(f"/statements/merchant/{DAY}.xlsx", as_="merchant")
    assert load_workbook(io.BytesIO(book.content)).sheetnames == [DAY]


# --- the arithmetic in words ---


@pytest.mark.parametrize(
    ("amount_fen", "leg", "words"),
    [
        (1000, Leg(1, LegKind.SHARE, 1200), "¥10.00 × 12 % = ¥1.20"),
        (1001, Leg(1, LegKind.SHARE, 1200), "¥10.01 × 12 % = ¥1.20 (rounded down to the fen)"),
        (1000, Leg(1, LegKind.SHARE, 1200, 50), "¥10.00 × 12 % = ¥1.20, capped at ¥0.50"),
        (20, Leg(1, LegKind.FIXED, 30), "fixed ¥0.30, but only ¥0.20 was left"),
        (0, Leg(1, LegKind.SHARE, 1200), "¥0.00 × 12 % = ¥0.00"),
    ],
)
def test_arithmetic_says_what_was_reckoned(amount_fen: int, leg: Leg, words: str) -> None:
    line = explain(amount_fen, [leg, Leg(2, LegKind.RESIDUAL)])[0]
    assert arithmetic(line, amount_fen, "en") == words
