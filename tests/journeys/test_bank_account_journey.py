"""A creator's money on its way to the bank: the account is named, confirmed and waits; the payment is booked, comes back, and is there again.

Through commands only. The bank is the stand-in; everything else is real.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from journey_world import World

from ledger.config import Settings

pytestmark = pytest.mark.heavy  # tests/settle/test_bank_accounts.py and test_withdraw.py are its short form

LEGS = [{"payee": "creator", "kind": "share", "value": 1200}, {"payee": "merchant", "kind": "residual"}]
ACCOUNT = ("--holder", "小溪文化", "--number", "6217000010001", "--bank-code", "102100099996")


@pytest.fixture(scope="module")
def earned(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The creator earned 12 yuan and withdrew them; accounts need two people, and wait."""
    folder = tmp_path_factory.mktemp("accounts")
    rule, orders = folder / "rule.json", folder / "orders.csv"
    rule.write_text(json.dumps({"legs": LEGS}), encoding="utf-8")
    world.suyuan("rule", "propose", str(rule), "--as", "merchant")
    for payee in ("creator", "merchant"):
        world.suyuan("rule", "sign", "1", "1", "--as", payee)
    orders.write_text("number,amount,rule,carrier\nA-1,100.00,1,carrier\n", encoding="utf-8")
    world.suyuan("orders", "import", str(orders))
    world.suyuan("orders", "pay")
    world.suyuan("orders", "deliver", "A-1")
    world.suyuan("withdraw", "--as", "creator", "--all", "--reference", "monday")
    settings = Settings.load(world.home)
    Settings(**{**settings.__dict__, "account_people": 2, "account_wait_seconds": 2}).save(world.home)
    world.suyuan("bank", "account", "bank", *ACCOUNT)  # where it pays from
    return world


def pay(world: World, folder: Path) -> tuple[Any, Path]:
    payments, statement = folder / "pain.xml", folder / "camt.xml"
    paid = world.suyuan("bank", "pay", "--out", str(payments))
    world.suyuan("bank", "execute", str(payments), "--out", str(statement))
    return paid, statement


def test_the_money_waits_until_two_people_have_signed_and_the_account_has_waited(earned: World, tmp_path: Path) -> None:
    refused = ("bank", "pay", "--out", str(tmp_path / "none.xml"))
    assert "No withdrawal waits" in earned.refused(*refused)
    assert "itself has not signed" in earned.refused("bank", "account", "creator", *ACCOUNT, "--as", "bank")

    file = str(tmp_path / "account.json")
    named = earned.suyuan("bank", "account", "creator", *ACCOUNT, "--out", file)
    assert (len(named["signed_by"]), named["usable_from"], named["used"]) == (1, None, False)
    assert "No withdrawal waits" in earned.refused(*refused)
    assert "may not sign" in earned.refused("bank", "confirm", file, "--as", "carrier")

    confirmed = earned.suyuan("bank", "confirm", file, "--as", "bank")
    assert (len(confirmed["signed_by"]), confirmed["used"]) == (2, False)
    time.sleep(max(0, confirmed["usable_from"] - time.time()))
    used = [row["number"] for row in earned.suyuan("bank", "accounts", "creator") if row["used"]]
    assert used == ["6217000010001"]  # not the one that a development home begins with, which nobody signed


def test_a_payment_that_came_back_after_it_was_booked_is_the_creators_again(earned: World, tmp_path: Path) -> None:
    paid, statement = pay(earned, tmp_path)
    assert (paid["payments"], paid["total_fen"], paid["without_account"]) == (1, 1200, [])
    assert earned.suyuan("reconcile", str(statement), "--book")["booked"] == 1
    assert earned.suyuan("audit")["faults"] == []
    before = earned.suyuan("statement", "--party", "creator")["closing_fen"]

    status, told = earned.ask("reconcile", str(came_back(statement)), "--book")
    assert (status, told["returned"]) == (1, 1)  # a difference for people to see, and the credit is back
    assert earned.suyuan("statement", "--party", "creator")["closing_fen"] == before + 1200
    audited = earned.suyuan("audit")
    assert (audited["chain_checked"], audited["faults"]) == (True, [])
    assert earned.ask("reconcile", str(came_back(statement)), "--book")[1]["returned"] == 0

    earned.suyuan("withdraw", "--as", "creator", "--all", "--reference", "tuesday")
    again, statement = pay(earned, tmp_path)
    assert again["total_fen"] == 1200
    assert earned.suyuan("reconcile", str(statement), "--book")["booked"] == 1


def came_back(statement: Path) -> Path:
    """The bank's next statement: what it had paid came back to it."""
    text = statement.read_text(encoding="utf-8").replace("DBIT", "CRDT")
    text = re.sub(r"<Sts>", "<RvslInd>true</RvslInd><Sts>", text)
    late = statement.with_name("late.xml")
    late.write_text(text, encoding="utf-8")
    return late
