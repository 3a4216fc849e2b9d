"""Refunds from one end to the other: an order given back before it is settled, one after, and one whose payee has spent it.

Through the public surfaces only: commands and routes. The bank is the stand-in; everything else is real.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from journey_world import World

pytestmark = pytest.mark.heavy  # tests/settle/test_refund.py, test_pay_refunds.py and the demo are its short form

LEGS = [
    {"payee": "platform", "kind": "fixed", "value": 30},
    {"payee": "creator", "kind": "share", "value": 1200, "cap_fen": 2000},
    {"payee": "merchant", "kind": "residual"},
]
ORDERS = {"early": 10_000, "late": 20_000, "spent": 30_000, "whole": 5_000}


@pytest.fixture(scope="module")
def settled(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Four orders paid; all but one settled, and what the creator earned by them withdrawn."""
    folder = tmp_path_factory.mktemp("refunds")
    rule, orders = folder / "rule.json", folder / "orders.csv"
    rule.write_text(json.dumps({"legs": LEGS}), encoding="utf-8")
    world.suyuan("rule", "propose", str(rule), "--as", "merchant")
    for payee in ("platform", "creator", "merchant"):
        world.suyuan("rule", "sign", "1", "1", "--as", payee)
    lines = [f"{number},{fen // 100}.{fen % 100:02d},1,carrier" for number, fen in ORDERS.items()]
    orders.write_text("\n".join(["number,amount,rule,carrier", *lines]) + "\n", encoding="utf-8")
    world.suyuan("orders", "import", str(orders))
    world.suyuan("orders", "pay")
    world.suyuan("orders", "deliver", "late", "spent")
    world.suyuan("withdraw", "--as", "creator", "--all", "--reference", "spent")
    return world


def refund(world: World, *words: str, reference: str, reason: str = "叶子黄了") -> Any:
    return world.suyuan("orders", "refund", *words, "--reason", reason, "--reference", reference)


@pytest.fixture(scope="module")
def refunded(settled: World) -> World:
    assert refund(settled, "early", "12.50", reference="c1") | {"block": 0} == {
        "number": "early",
        "refund": 1,
        "amount_fen": 1250,
        "reason": "叶子黄了",
        "repeated": False,
        "block": 0,
    }
    settled.suyuan("orders", "deliver", "early")
    assert refund(settled, "early", "1.00", reference="c2")["refund"] == 2
    assert refund(settled, "late", "50.00", reference="c3")["amount_fen"] == 5_000
    assert refund(settled, "spent", "--all", reference="c4")["amount_fen"] == 30_000
    assert refund(settled, "whole", "--all", reference="c5")["amount_fen"] == 5_000
    return settled


def test_bad_refunds_are_refused_with_a_sentence(settled: World) -> None:
    how = ("--reason", "late", "--reference", "bad")
    assert "placed no order NOPE" in settled.refused("orders", "refund", "NOPE", "1.00", *how)
    assert "remain, not 300.01" in settled.refused("orders", "refund", "spent", "300.01", *how)
    assert "more decimals" in settled.refused("orders", "refund", "spent", "1.001", *how)
    assert "Say how much" in settled.refused("orders", "refund", "spent", *how)
    assert "Say how much" in settled.refused("orders", "refund", "spent", "1.00", "--all", *how)
    assert "may not refund orders" in settled.refused("orders", "refund", "spent", "1.00", *how, "--as", "farm")


def test_a_repeat_of_a_refund_changes_nothing(refunded: World) -> None:
    before = refunded.suyuan("index", "digest")
    assert refund(refunded, "early", "12.50", reference="c1")["repeated"]
    assert refund(refunded, "spent", "--all", reference="c4")["repeated"]
    assert refunded.suyuan("index", "digest") == before
    told = refunded.refused("orders", "refund", "early", "12.51", "--reason", "叶子黄了", "--reference", "c1")
    assert "used before for other refunds" in told


def test_the_orders_say_what_was_refunded(refunded: World) -> None:
    orders = {order["number"]: (order["state"], order["refunded_fen"]) for order in refunded.suyuan("orders", "list")}
    assert orders == {
        "early": ("settled", 1_350),
        "late": ("settled", 5_000),
        "spent": ("refunded", 30_000),
        "whole": ("refunded", 5_000),
    }


def test_each_leg_holds_what_the_rule_gives_for_what_remains(refunded: World) -> None:
    for number, rest in (("early", 8_650), ("late", 15_000), ("spent", 0)):
        told = refunded.suyuan("explain", number)
        assert (told["rest_fen"], sum(line["amount_fen"] for line in told["lines"])) == (rest, rest)
        assert all(line["credited_fen"] == line["amount_fen"] for line in told["lines"]), told
    (whole,) = refunded.suyuan("explain", "whole")["refunds"]
    assert (whole["amount_fen"], whole["state"]) == (5_000, "requested")


def test_statements_explain_what_refunds_took_and_add_up(refunded: World) -> None:
    for party in ("creator", "platform", "merchant"):
        told = refunded.suyuan("statement", "--party", party)
        assert told["closing_fen"] == told["opening_fen"] + sum(line["amount_fen"] for line in told["lines"])
        lines = [line for line in told["lines"] if line["kind"] in ("credited", "refunded")]
        assert lines
        assert all(line["operation"] for line in lines)
    creator = refunded.suyuan("statement", "--party", "creator")
    assert "uncovered" in {line["kind"] for line in creator["lines"]}


def accounts(world: World) -> None:
    where = ("--bank-code", "102100099996")
    for member in ("bank", "creator"):
        world.suyuan("bank", "account", member, "--holder", member, "--number", f"62170-{member}", *where)
    for number in ORDERS:
        world.suyuan("bank", "payer", number, "--holder", "李雷", "--number", f"62171-{number}", *where)


def pay(world: World, folder: Path, name: str) -> tuple[Any, Any]:
    """The next payment file, paid by the stand-in bank and booked."""
    payments, statement = folder / f"{name}.pain.xml", folder / f"{name}.camt.xml"
    paid = world.suyuan("bank", "pay", "--out", str(payments))
    world.suyuan("bank", "execute", str(payments), "--out", str(statement))
    return paid, world.suyuan("reconcile", str(statement), "--book")


def test_the_chain_agrees(refunded: World) -> None:
    told = refunded.suyuan("audit")
    assert (told["chain_checked"], told["faults"]) == (True, [])


@pytest.fixture(scope="module")
def first_file(refunded: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    accounts(refunded)
    return pay(refunded, tmp_path_factory.mktemp("first"), "first")


def test_refunds_are_paid_to_the_accounts_that_paid_as_far_as_the_money_is_there(
    refunded: World, first_file: tuple[Any, Any]
) -> None:
    assert "has placed no order NOPE" in refunded.refused(
        "bank", "payer", "NOPE", "--holder", "x", "--number", "1", "--bank-code", "1"
    )
    paid, booked = first_file
    assert (paid["payments"], paid["refunds"]) == (5, 4)  # one withdrawal, four refunds
    assert paid["refunds_without_cover"] == [{"order": "whole", "refund": 1, "amount_fen": 5_000}]
    assert (booked["booked"], booked["differences"]) == (5, [])
    states = {number: [one["state"] for one in refunded.suyuan("explain", number)["refunds"]] for number in ORDERS}
    assert states == {"early": ["booked"] * 2, "late": ["booked"], "spent": ["booked"], "whole": ["requested"]}


def test_a_debt_is_paid_by_what_is_earned_next_and_the_shopper_who_waited_is_paid(
    refunded: World, first_file: tuple[Any, Any], tmp_path: Path
) -> None:
    assert first_file[0]["refunds_without_cover"]
    creator = refunded.http.get("/withdrawals", headers=refunded.bearer("creator")).json()
    assert creator["owed_fen"] == 1_162
    file = tmp_path / "more.csv"
    file.write_text("number,amount,rule,carrier\nmore,200.00,1,carrier\n", encoding="utf-8")
    refunded.suyuan("orders", "import", str(file))
    refunded.suyuan("orders", "pay")
    refunded.suyuan("orders", "deliver", "more")
    assert refunded.suyuan("orders", "settle")["collected"] == 1
    assert refunded.suyuan("orders", "settle")["collected"] == 0
    assert refunded.http.get("/withdrawals", headers=refunded.bearer("creator")).json()["owed_fen"] == 0
    paid, booked = pay(refunded, tmp_path, "second")
    assert (paid["refunds"], paid["refunds_without_cover"], booked["booked"]) == (1, [], 1)
    told = refunded.suyuan("audit")
    assert (told["chain_checked"], told["faults"]) == (True, [])


def test_the_rows_can_be_rebuilt_from_block_0(refunded: World) -> None:
    before = refunded.suyuan("index", "digest")["digest"]
    assert refunded.suyuan("index", "rebuild")["digest"] == before
