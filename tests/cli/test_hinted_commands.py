"""What hints send people to: the rules with their state, and a member's bank account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from ledger.chain.artifact import CONTRACTS
from ledger.chain.contracts import Deployment
from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.context import open_ledger
from ledger.store.database import read, write
from ledger.store.schema import bank_account, member, rule_version


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A merchant with two versions of rule 1 in force one after the other, and a third that lacks signatures."""
    home = Home(tmp_path)
    Settings(development=True).save(home)
    Deployment(7710, 0, {name: f"0x{number:040x}" for number, name in enumerate(CONTRACTS, start=1)}).save(home)
    with write(open_ledger(home).engine) as connection:
        row = {"member": 1, "account": "0x" + "11" * 20, "roles": 1 << 8, "slug": "shop", "name": "Shop"}
        connection.execute(insert(member).values(**row, active=True, block=1))
        for version, adopted in ((1, 3), (2, 5), (3, None)):
            terms = {"rule": 1, "version": version, "merchant": 1, "base": 0, "legs_hash": f"0x{version:064x}"}
            connection.execute(insert(rule_version).values(**terms, proposed_block=version, adopted_block=adopted))
    return home


def test_rule_list_tells_what_is_in_force(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    states = {entry["version"]: entry["state"] for entry in _suyuan(capsys, home, 0, "rule", "list")}
    assert states == {1: "in force before", 2: "in force", 3: "waits for signatures"}


def test_account_of_nobody_is_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("bank", "account", "nobody", "--holder", "N", "--number", "1", "--bank-code", "2")
    assert _suyuan(capsys, home, 1, *words)["error"] == "NotFound"


def test_account_that_no_payment_file_could_name_is_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("bank", "account", "shop", "--holder", "Shop", "--number", "1" * 35, "--bank-code", "2")
    assert _suyuan(capsys, home, 1, *words)["error"] == "BadInput"


def test_a_members_account_is_kept_and_replaced(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("622200", "622201"):
        _suyuan(
            capsys, home, 0, *("bank", "account", "shop", "--holder", "Shop", "--number", number, "--bank-code", "1")
        )
    with read(open_ledger(home).engine) as connection:
        assert {row.number for row in connection.execute(bank_account.select())} == {"622200", "622201"}
    used = {row["number"]: row["used"] for row in _suyuan(capsys, home, 0, "bank", "accounts", "shop")}
    assert used == {"622201": True, "622200": False}


def _suyuan(capsys: pytest.CaptureFixture[str], home: Home, status: int, *words: str) -> Any:
    assert run([*words, "--json", "--home", str(home.path)]) == status
    return json.loads(capsys.readouterr().out)
