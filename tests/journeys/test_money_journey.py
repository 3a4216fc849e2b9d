"""The money line from end to end: 500 real purchases from an order file to the reconciled bank statement.

Through the public surfaces only: commands and routes. The bank is the stand-in; everything else is real.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from journey_world import World
from openpyxl import load_workbook

LEGS = [
    {"payee": "platform", "kind": "fixed", "value": 30},
    {"payee": "creator", "kind": "share", "value": 1200, "cap_fen": 2000},
    {"payee": "farm", "kind": "share", "value": 500},
    {"payee": "merchant", "kind": "residual"},
]
PAYEES = ("platform", "creator", "farm", "merchant")


@pytest.fixture(scope="module")
def purchases(corpora: Path) -> list[tuple[str, int]]:
    """(order number, fen) of the first 500 real purchases: the line number is the order number, a cent a fen."""
    lines = (corpora / "orders" / "cdnow-sample.txt").read_text(encoding="ascii").splitlines()[:500]
    return [(str(number), int(Decimal(line.split()[4]) * 100)) for number, line in enumerate(lines, start=1)]


@pytest.fixture(scope="module")
def ruled(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A rule that all whom it pays have signed."""
    file = tmp_path_factory.mktemp("rule") / "rule.json"
    file.write_text(json.dumps({"legs": LEGS}), encoding="utf-8")
    proposed = world.suyuan("rule", "propose", str(file), "--as", "merchant")
    assert proposed["missing"] == ["farm", "merchant", "creator", "platform"]
    for payee in PAYEES:
        signed = world.suyuan("rule", "sign", "1", "1", "--as", payee)
    assert signed["state"] == "in force"
    return world


@pytest.fixture(scope="module")
def order_file(purchases: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("orders") / "orders.csv"
    rows = [f"{number},{fen // 100}.{fen % 100:02d},1,carrier" for number, fen in purchases]
    file.write_text("\n".join(["number,amount,rule,carrier", *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def settled(
    ruled: World, order_file: Path, purchases: list[tuple[str, int]], eventually: Callable[[Callable[[], Any]], Any]
) -> World:
    """The orders placed, paid, delivered and settled."""
    world = ruled
    status, placed = world.ask("orders", "import", str(order_file))
    assert status == 1, "two orders of 0.00 refuse the whole file"
    assert {re.findall(r"\d+", problem["what"])[0] for problem in placed["problems"]} == {"226", "449"}
    assert world.suyuan("orders", "list") == []
    status, placed = world.ask("orders", "import", str(order_file), "--proceed")
    assert (status, placed["placed"], len(placed["refused"])) == (1, 498, 2)
    assert world.suyuan("orders", "pay")["confirmed"] == 498
    good = [number for number, fen in purchases if fen]
    assert len(world.suyuan("orders", "deliver", *good[:400])["delivered"]) == 400
    checkpoint = {
        "orders": [{"merchant": "merchant", "number": number} for number in good[400:]],
        "at": "2026-04-21T10:00:00+08:00",
        "place": "杭州",
        "settle": False,
    }
    answer = world.http.post("/checkpoints", json=checkpoint, headers=world.bearer("carrier"))
    assert answer.status_code == 202, answer.text
    eventually(lambda: _states(world) == {"settled": 400, "delivered": 98})
    world.suyuan("orders", "settle")
    assert _states(world) == {"settled": 498}
    return world


def _states(world: World) -> dict[str, int]:
    states = [order["state"] for order in world.suyuan("orders", "list")]
    return {state: states.count(state) for state in set(states)}


@pytest.fixture(scope="module")
def paid_out(settled: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Everybody has withdrawn; the payment file, and the stand-in bank's statement."""
    folder = tmp_path_factory.mktemp("bank")
    files = {"payments": folder / "pain.001.xml", "statement": folder / "camt.053.xml"}
    for payee in PAYEES:
        settled.suyuan("withdraw", "--as", payee, "--all", "--reference", "april")
    settled.suyuan("bank", "pay", "--out", str(files["payments"]))
    settled.suyuan("bank", "execute", str(files["payments"]), "--out", str(files["statement"]))
    return files


def test_every_fen_is_placed(settled: World, purchases: list[tuple[str, int]]) -> None:
    for number, fen in [purchase for purchase in purchases if purchase[1]][::50]:
        explained = settled.suyuan("explain", number)
        assert sum(line["amount_fen"] for line in explained["lines"]) == fen
        assert all(line["credited_fen"] == line["amount_fen"] for line in explained["lines"])
        creator = next(line for line in explained["lines"] if "阿禾" in line["payee"])
        assert creator["amount_fen"] == min(fen * 1200 // 10_000, 2000)


def test_the_credit_stands_in_the_deliverys_own_block(settled: World) -> None:
    (order,) = [order for order in settled.suyuan("orders", "list") if order["number"] == "1"]
    assert order["settled_block"] == order["delivered_block"]


def test_a_repeat_of_the_order_file_changes_nothing(settled: World, order_file: Path) -> None:
    before = settled.suyuan("index", "digest")
    _, placed = settled.ask("orders", "import", str(order_file), "--proceed")
    assert (placed["placed"], placed["repeated"]) == (0, 498)
    assert settled.suyuan("orders", "pay", "1", "2")["repeated"] == 2
    assert settled.suyuan("orders", "deliver", "1", "2")["repeated"] == ["1", "2"]
    assert settled.suyuan("orders", "settle")["transactions"] == 0
    assert settled.suyuan("index", "digest") == before


def test_a_file_that_names_no_rule_and_no_carrier_takes_the_only_ones(
    settled: World, purchases: list[tuple[str, int]], tmp_path: Path
) -> None:
    file = tmp_path / "bare.csv"
    number, fen = purchases[0]
    file.write_text(f"订单号,金额\n{number},{_yuan(fen)}\n", encoding="utf-8")
    placed = settled.suyuan("orders", "import", str(file))
    assert (placed["placed"], placed["repeated"]) == (0, 1)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,99.99,1,carrier", "1"),
        ("n1,-5.00,1,carrier", "negative"),
        ("n1,5.001,1,carrier", "5.001"),
        ("n1,,1,carrier", "amount"),
        ("n1,0.29,1,carrier", "0.30"),
        ("n1,5.00,7,carrier", "7"),
        ("n1,5.00,1,nobody", "nobody"),
        ("n1,9000000000000.01,1,carrier", "9000000000000.01"),
    ],
)
def test_a_bad_order_is_refused_with_its_line(settled: World, tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"number,amount,rule,carrier\n{line}\nx9,10.00,1,carrier\n", encoding="utf-8")
    before = settled.suyuan("index", "digest")
    status, refused = settled.ask("orders", "import", str(file))
    assert status == 1
    told = json.dumps(refused, ensure_ascii=False)
    assert sentence in told
    assert "bad.csv" in told
    assert settled.suyuan("index", "digest") == before


def test_a_rule_that_pays_more_than_the_whole_is_refused(settled: World, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    legs = [
        {"payee": "creator", "kind": "share", "value": 6000},
        {"payee": "farm", "kind": "share", "value": 4001},
        {"payee": "merchant", "kind": "residual"},
    ]
    file.write_text(json.dumps({"legs": legs}), encoding="utf-8")
    assert "10,001 basis points" in settled.refused("rule", "propose", str(file), "--as", "merchant")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"legs": [{"payee": "creator", "kind": "share", "value": 100, "cap": 5}]}', "A leg has no 'cap'"),
        (b"\xff\xfe\x00", "not JSON in UTF-8"),
    ],
)
def test_a_rule_that_would_be_read_otherwise_than_it_is_meant_is_refused(
    settled: World, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "rule.json"
    file.write_bytes(content)
    assert sentence in settled.refused("rule", "propose", str(file), "--as", "merchant")


def test_a_member_without_the_role_and_an_order_that_is_not_there_are_named(settled: World, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("number,amount\n1,5.00\n")
    assert "may not place orders" in settled.refused("orders", "import", str(file), "--as", "farm")
    assert "has placed no order NOPE" in settled.refused("orders", "pay", "NOPE", "1")


def test_only_whose_legs_change_must_sign_the_next_version(settled: World, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({"legs": [LEGS[0], {**LEGS[1], "value": 1300}, *LEGS[2:]]}), encoding="utf-8")
    proposed = settled.suyuan("rule", "propose", str(file), "--as", "merchant", "--rule", "1")
    assert (proposed["version"], sorted(proposed["missing"])) == (2, ["creator", "merchant"])
    assert "does not need" in settled.refused("rule", "sign", "1", "2", "--as", "farm")
    message = settled.http.get("/rules/1/2", headers=settled.bearer("creator"))
    assert message.status_code == 200, message.text


def test_a_rule_can_go_back_to_the_legs_that_it_had(settled: World, tmp_path: Path) -> None:
    def proposed(*legs: dict[str, Any], rule: int) -> Any:
        file = tmp_path / "rule.json"
        file.write_text(json.dumps({"legs": [*legs, {"payee": "merchant", "kind": "residual"}]}), encoding="utf-8")
        return settled.suyuan("rule", "propose", str(file), "--as", "merchant", "--rule", str(rule))

    rule = proposed(rule=0)["rule"]
    settled.suyuan("rule", "sign", str(rule), "1", "--as", "merchant")
    for version, payee in ((2, "farm"), (3, "carrier")):
        assert proposed({"payee": payee, "kind": "fixed", "value": 5}, rule=rule)["version"] == version
    for member in ("farm", "merchant"):
        settled.suyuan("rule", "sign", str(rule), "2", "--as", member)
    assert settled.suyuan("rule", "show", str(rule), "1")["state"] == "in force before"
    assert "came into force since" in settled.refused("rule", "sign", str(rule), "3", "--as", "carrier")
    again = proposed({"payee": "carrier", "kind": "fixed", "value": 5}, rule=rule)
    assert (again["version"], again["repeated"], sorted(again["missing"])) == (
        4,
        False,
        ["carrier", "farm", "merchant"],
    )
    assert (proposed(rule=rule)["version"], proposed(rule=rule)["repeated"]) == (5, True)


def test_a_statement_explains_a_day_and_adds_up(settled: World, tmp_path: Path) -> None:
    told = settled.suyuan(
        "statement", "--party", "creator", "--csv", str(tmp_path / "s.csv"), "--xlsx", str(tmp_path / "s.xlsx")
    )
    assert told["closing_fen"] == told["opening_fen"] + sum(line["amount_fen"] for line in told["lines"])
    credits = [line for line in told["lines"] if line["kind"] == "credited"]
    assert len(credits) == 498
    assert all(line["operation"] for line in credits)
    rows = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(told["lines"]) + 3
    assert load_workbook(tmp_path / "s.xlsx").active is not None


def test_the_bank_statement_is_reconciled_to_the_fen(
    settled: World, paid_out: dict[str, Path], purchases: list[tuple[str, int]]
) -> None:
    reconciled = settled.suyuan("reconcile", str(paid_out["statement"]), "--book")
    assert (reconciled["matched"], reconciled["differences"], reconciled["gap_fen"]) == (4, [], 0)
    assert reconciled["bank_fen"] == sum(fen for _, fen in purchases)
    again = settled.suyuan("reconcile", str(paid_out["statement"]), "--book")
    assert (again["matched"], again["booked"]) == (4, 0)
    supply = settled.suyuan("audit")
    assert (supply["supply_fen"], supply["chain_checked"], supply["faults"]) == (0, True, [])


def test_one_payout_missing_and_one_a_fen_short_are_just_those_two(
    settled: World, paid_out: dict[str, Path], tmp_path: Path
) -> None:
    told = paid_out["statement"].read_text(encoding="utf-8")
    entries = re.findall(r"<Ntry>.*?</Ntry>", told, flags=re.DOTALL)
    assert len(entries) == 4
    amounts = [int(Decimal(re.search(r"<Amt[^>]*>([\d.]+)</Amt>", entry)[1]) * 100) for entry in entries]  # type: ignore[index]
    short = entries[1].replace(_yuan(amounts[1]), _yuan(amounts[1] - 1))
    faulty = tmp_path / "statement_missing_and_short.xml"
    faulty.write_text(told.replace(entries[0], "").replace(entries[1], short), encoding="utf-8")
    status, reconciled = settled.ask("reconcile", str(faulty))
    assert status == 1
    about_payments = {
        difference["kind"]: difference for difference in reconciled["differences"] if difference["ledger"]
    }
    assert sorted(about_payments) == ["amount_differs", "missing_in_bank"]
    assert len(reconciled["differences"]) == 2
    assert about_payments["amount_differs"]["gap_fen"] == -1
    assert about_payments["missing_in_bank"]["gap_fen"] == -amounts[0]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def test_a_bank_file_that_is_not_xml_is_refused_with_a_sentence(settled: World, tmp_path: Path) -> None:
    file = tmp_path / "statement.xml"
    file.write_text("not a statement", encoding="utf-8")
    assert "XML" in settled.refused("reconcile", str(file))
    file.write_text('<!DOCTYPE d [<!ENTITY e "x">]><Document>&e;</Document>', encoding="utf-8")
    assert "document type" in settled.refused("reconcile", str(file)).lower()


def test_absurdly_deep_json_is_refused_and_ends_no_process(settled: World) -> None:
    for path in ("/orders", "/epcis/capture"):
        answer = settled.http.post(path, content=b'{"a":' * 100_000, headers=settled.bearer("merchant"))
        assert 400 <= answer.status_code < 500
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert settled.http.get("/healthz").status_code == 200


def test_a_merchant_sees_its_own_page_and_nobody_elses(settled: World, purchases: list[tuple[str, int]]) -> None:
    login = settled.http.post("/login", data={"token": settled.token("merchant")}, headers={"Origin": settled.api_url})
    assert login.status_code == 303, login.text
    page = settled.http.get("/merchant/merchant", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    shown = re.findall(r'data-number="(\d+)"', page.text)
    assert shown, "the page lists the newest orders"
    fen = dict(purchases)[shown[0]]
    assert f"¥{_yuan(fen)}" in page.text
    assert "rounded down" in page.text
    assert settled.http.get("/merchant/creator").status_code == 403
    settled.http.cookies.clear()
    assert settled.http.get("/merchant/merchant", follow_redirects=False).status_code in (303, 401)


def test_the_rows_can_be_rebuilt_from_block_0(settled: World, paid_out: dict[str, Path]) -> None:
    before = settled.suyuan("index", "digest")["digest"]
    assert settled.suyuan("index", "rebuild")["digest"] == before
