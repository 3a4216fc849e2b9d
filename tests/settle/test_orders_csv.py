"""Order files: every fault with its line, and what shops and spreadsheets really write."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import BadDocument, BadInput
from ledger.settle.order_line import OrderLine
from ledger.settle.orders_csv import OrdersFile, read_orders


def read(text: str | bytes, **options: object) -> OrdersFile:
    data = text.encode() if isinstance(text, str) else text
    return read_orders(data, "orders.csv", **options)  # type: ignore[arg-type]


def faults(text: str) -> list[str]:
    with pytest.raises(BadDocument) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A-1,-5.00,1,carrier", "Order A-1 is of -5.00 yuan: it is negative"),
        ("A-1,0.005,1,carrier", "0.005 has more decimals than CNY has"),
        ("A-1,12.345,1,carrier", "12.345 has more decimals than CNY has"),
        ("A-1,,1,carrier", "Order A-1 has no amount"),
        ("A-1", "Order A-1 has no amount"),
        ("A-1,0.00,1,carrier", "Order A-1 is of 0.00 yuan"),
        ("A-1,0,1,carrier", "Order A-1 is of 0.00 yuan"),
        ("A-1,twelve,1,carrier", "'twelve' is not a decimal number"),
        ("A-1,1e3,1,carrier", "'1e3' is not a decimal number"),
        ('A-1,"1,234.50",1,carrier', "'1,234.50' is not a decimal number"),
        ("A-1,NaN,1,carrier", "'NaN' is not a decimal number"),
        ("A-1,１２.00,1,carrier", "is not a decimal number"),
        ("A-1,9000000000000.01,1,carrier", "more than 9000000000000.00"),
        ("A-1,99999999999999999999,1,carrier", "too large"),
        (",5.00,1,carrier", "An order has no number"),
        (f"{'9' * 65},5.00,1,carrier", "65 characters, at most 64"),
        ("A\u200b-1,5.00,1,carrier", "cannot be printed"),
        ("A-1,5.00,,carrier", "Order A-1 names no rule"),
        ("A-1,5.00,one,carrier", "the rule 'one', which is no number"),
        ("A-1,5.00,1,", "Order A-1 names no carrier"),
    ],
)
def test_faulty_line_is_refused_with_its_place(line: str, words: str) -> None:
    (fault,) = faults(f"number,amount,rule,carrier\n{line}\n")
    assert words in fault
    assert fault.startswith("orders.csv:2: ")


def test_amount_with_a_bare_separator_is_refused_and_never_read_as_one_yuan() -> None:
    with pytest.raises(BadDocument) as caught:
        read("number,amount\nA-1,1,234.50\nA-2,5.00,,\n", rule=1, carrier="carrier")
    (fault,) = map(str, caught.value.problems)
    assert fault.startswith("orders.csv:2: The line has 3 cells, and the heading 2.")


def test_every_faulty_line_is_listed_and_none_is_taken() -> None:
    text = "number,amount,rule,carrier\nA-1,5.00,1,carrier\nA-2,-1,1,carrier\nA-3,5.00,1,carrier\nA-4,,1,carrier\n"
    found = faults(text)
    assert [fault.split(" ")[0] for fault in found] == ["orders.csv:3:", "orders.csv:5:"]


def test_good_lines_are_taken_when_told_to_proceed() -> None:
    result = read("number,amount,rule,carrier\nA-1,5.00,1,c\nA-2,-1,1,c\nA-3,6.00,1,c\n", behaviour="proceed")
    assert [order.number for order in result.orders] == ["A-1", "A-3"]
    assert [fault.where for fault in result.refused] == ["orders.csv:3"]


def test_number_that_stands_twice_with_other_content_is_refused() -> None:
    (fault,) = faults("number,amount,rule,carrier\nA-1,5.00,1,c\nA-1,5.01,1,c\n")
    assert "stands twice with other content, first at orders.csv:2" in fault


def test_number_that_stands_twice_with_the_same_content_is_one_order() -> None:
    assert len(read("number,amount,rule,carrier\nA-1,5.00,1,c\nA-1,5,1,c\n").orders) == 1


@pytest.mark.parametrize("fen", ["29.33", "1e3", "２９", "", "0", "-1", "+5"])
def test_amount_in_fen_is_a_whole_positive_number(fen: str) -> None:
    assert faults(f"number,amount_fen,rule,carrier\nA-1,{fen},1,c\n")


def test_two_amounts_that_differ_are_refused() -> None:
    (fault,) = faults("number,amount,amount_fen,rule,carrier\nA-1,29.33,2934,1,c\n")
    assert "are not the same" in fault


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No column holds the order number"),
        (b"number,amount\n", "The file holds no order"),
        (b"A-1,5.00\n", "No column holds the order number"),
        (b"number,rule\nA-1,1\n", "No column holds the amount"),
        (b"number,amount,yuan\nA-1,5,5\n", "Two columns give the amount"),
        (b'number,amount\n"A-1,5.00\n', "no CSV"),
        (b"\xff\xfe\x00n\x00u", "no text in UTF-8 or GB18030"),
        (b"PK\x03\x04\x00\x00\xff\xff", "no text in UTF-8 or GB18030"),
    ],
)
def test_file_that_cannot_be_read_at_all_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(data, rule=1, carrier="c")


def test_orders_in_another_currency_are_refused() -> None:
    assert "is in USD; orders are in CNY" in faults("number,amount,currency,rule,carrier\nA-1,5.00,USD,1,c\n")[0]


WANTED = (OrderLine("A-1", 2_933, 1, "carrier", "orders.csv:2"), OrderLine("A-2", 500, 1, "carrier", "orders.csv:3"))


@pytest.mark.parametrize(
    "data",
    [
        b"number,amount,rule,carrier\nA-1,29.33,1,carrier\nA-2,5,1,carrier\n",
        b"\xef\xbb\xbfnumber,amount,rule,carrier\r\nA-1,29.33,1,carrier\r\nA-2,5.0,1,carrier\r\n",
        b'"number","amount","rule","carrier"\n"A-1","29.33","1","carrier"\n"A-2","5.00","1","carrier"\n',
        "订单号,金额,规则,承运人\nA-1,29.33,1,carrier\nA-2,￥5.00,1,carrier\n".encode(),
        "订单号,金额（元）,规则,承运人\nA-1,29.33,1,carrier\nA-2,¥5.00,1,carrier\n".encode("gb18030"),
        b"Order Number;Amount;Rule;Carrier;Buyer\nA-1;29.33;1;carrier;x\nA-2;5.00;1;carrier;y\n",
        b"carrier\trule\tamount_fen\tnumber\ncarrier\t1\t2933\tA-1\ncarrier\t1\t500\tA-2\n",
    ],
)
def test_what_shops_and_spreadsheets_write_is_understood(data: bytes) -> None:
    assert read(data).orders == WANTED


def test_lines_are_counted_through_quoted_line_breaks_and_empty_lines() -> None:
    text = 'number,amount,rule,carrier,note\nA-1,5.00,1,c,"two\nlines"\n\nA-2,-1,1,c,\n'
    assert faults(text)[0].startswith("orders.csv:5: ")


def test_rule_and_carrier_may_be_given_for_the_whole_file() -> None:
    (order,) = read("number,amount\nA-1,5.00\n", rule=7, carrier="carrier").orders
    assert (order.rule, order.carrier) == (7, "carrier")


def test_real_purchases_are_orders_except_the_two_of_nothing(corpora: Path) -> None:
    lines = (corpora / "orders/cdnow-sample.txt").read_text().splitlines()[:500]
    amounts = [line.split()[-1] for line in lines]
    text = "number,amount\n" + "".join(f"{number},{amount}\n" for number, amount in enumerate(amounts, start=1))
    result = read(text, rule=1, carrier="carrier", behaviour="proceed")
    zeros = [str(number) for number, amount in enumerate(amounts, start=1) if amount == "0.00"]
    assert len(zeros) == 2
    assert [fault.what.split(" ")[1] for fault in result.refused] == zeros
    assert len(result.orders) == 498
    assert sum(order.amount_fen for order in result.orders) == sum(int(amount.replace(".", "")) for amount in amounts)


def test_promoted_order_has_a_list_price_and_campaigns_in_stacking_order() -> None:
    text = (
        "number,list_amount,campaigns,amount,rule,carrier\nA-1,450.00,3+7,389.70,1,carrier\nA-2,450.00,3 7,,1,carrier\n"
    )
    said, left = read(text + "A-3,,,5.00,1,carrier\n").orders[:2]
    assert (said.amount_fen, said.campaigns, said.said_fen) == (45_000, (3, 7), 38_970)
    assert (left.amount_fen, left.campaigns, left.said_fen) == (45_000, (3, 7), None)
    plain = read(text + "A-3,,,5.00,1,carrier\n").orders[2]
    assert (plain.amount_fen, plain.campaigns) == (500, ())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A-1,450.00,,1.00,1,carrier", "Order A-1 has a list price and no campaigns"),
        ("A-1,,3,1.00,1,carrier", "Order A-1 has campaigns and no list price"),
        ("A-1,450.00,3;7,1.00,1,carrier", "'3;7' names no campaigns"),
        ("A-1,450.00,0,1.00,1,carrier", "'0' names no campaigns"),
        ("A-1,-1.00,3,1.00,1,carrier", "it is negative"),
    ],
)
def test_faulty_promotion_is_refused_with_its_place(line: str, words: str) -> None:
    (fault,) = faults(f"number,list_amount,campaigns,amount,rule,carrier\n{line}\n")
    assert words in fault
