"""The second story: real orders are paid, held, delivered, split, credited, withdrawn and reconciled to the fen."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ledger.context import Ledger
from ledger.settle.money import amount_text, yuan
from scripts.story.lettuce import epcis_document
from scripts.story.telling import Telling

ORDERS = Path(__file__).parent / "orders.csv"
HANDED_OVER = "2026-04-21T10:00:00+08:00"
MERCHANT_GLN = "0860009996007"
PAYEES = ("platform", "creator", "farm", "carrier", "merchant")
RULE = [
    {"payee": "platform", "kind": "fixed", "value": 30},
    {"payee": "carrier", "kind": "fixed", "value": 200},
    {"payee": "creator", "kind": "share", "value": 1200, "cap_fen": 2000},
    {"payee": "farm", "kind": "share", "value": 500},
    {"payee": "merchant", "kind": "residual"},
]


def tell_money(telling: Telling, ledger: Ledger) -> None:
    telling.chapter("Money: from the order to the bank line 从订单到银行流水")
    folder = ledger.home.path / "story"
    rule_file = folder / "rule.json"
    rule_file.write_text(json.dumps({"legs": RULE}, indent=2) + "\n", encoding="utf-8")
    telling.step("The merchant proposes a commission rule; it takes effect when all whom it pays have signed.")
    rule = telling.suyuan("rule", "propose", str(rule_file), "--as", "merchant")
    for payee in PAYEES:
        rule = telling.suyuan("rule", "sign", str(rule["rule"]), str(rule["version"]), "--as", payee)
    telling.say(f"Rule {rule['rule']}, version {rule['version']}: {rule['state']}.")
    telling.step(
        "Fifty real orders are placed, and the bank confirms that the buyers paid: the money is held in escrow."
    )
    orders_file = folder / "orders.csv"
    orders_file.write_text(_orders_under(rule["rule"]), encoding="utf-8")
    placed = telling.suyuan("orders", "import", str(orders_file), "--as", "merchant")
    telling.say(f"{placed['placed']} placed, {placed['repeated']} known already, {yuan(placed['total_fen'])} in all.")
    telling.suyuan("orders", "pay", "--as", "bank")
    telling.step(
        "The carrier delivers forty by a checkpoint and ten by an EPCIS event; the credit stands in the same block."
    )
    numbers = [line.split(",")[0] for line in ORDERS.read_text(encoding="utf-8").splitlines()[1:]]
    telling.suyuan("orders", "deliver", "--as", "carrier", "--at", HANDED_OVER, *numbers[:40])
    event_file = folder / "delivered.jsonld"
    event_file.write_text(json.dumps(_delivery_event(numbers[40:]), indent=2) + "\n", encoding="utf-8")
    telling.suyuan("capture", str(event_file), "--as", "carrier")
    telling.suyuan("orders", "settle")
    telling.say("The keeper finds nothing left to settle: every delivery took its settlement along.")
    explained = telling.suyuan("explain", numbers[0], "--merchant", "merchant")
    for line in explained["lines"]:
        telling.say(f"{line['payee']:<10} {line['operation']:<52} {yuan(line['amount_fen']):>10}")
    telling.step(
        "One head was wilted: the merchant gives a yuan back, and each payee keeps what the rule gives for the rest."
    )
    back = telling.suyuan("orders", "refund", numbers[0], "1.00", "--reason", "wilted", "--reference", "demo")
    telling.say(
        f"Order {back['number']}, refund {back['refund']}: {yuan(back['amount_fen'])}, in block {back['block']}."
    )
    shopper = ("--holder", "王小明", "--number", "6222020200112233445", "--bank-code", "102100099996")
    telling.suyuan("bank", "payer", numbers[0], *shopper, quiet=True)
    telling.step(
        "Every payee withdraws; the ledger writes a pain.001 file; the stand-in bank (not a bank) executes it."
    )
    for payee in PAYEES:
        telling.suyuan("withdraw", "--as", payee, "--all", "--reference", "demo", quiet=payee != "platform")
    payments, statement = folder / "payments.pain.001.xml", folder / "statement.camt.053.xml"
    paid = telling.suyuan("bank", "pay", "--out", str(payments))
    telling.say(f"{paid['payments']} payments, the shopper's among them, {yuan(paid['total_fen'])}.")
    telling.suyuan("bank", "execute", str(payments), "--out", str(statement))
    telling.step("The bank's camt.053 statement is reconciled, line by line, and booked.")
    reconciled = telling.suyuan("reconcile", str(statement), "--book")
    telling.say(
        f"{reconciled['matched']} lines match, {len(reconciled['differences'])} differences, gap {yuan(reconciled['gap_fen'])}."
    )
    faulty = folder / "statement_missing_and_short.xml"
    faulty.write_text(_with_two_faults(statement.read_text(encoding="utf-8")), encoding="utf-8")
    telling.step("Were one payout missing and one a fen short, it would find exactly those two:")
    for difference in telling.suyuan("reconcile", str(faulty), may_say_no=True)["differences"]:
        telling.say(f"! {difference['sentence']} Gap {yuan(difference['gap_fen'])}.")
    supply = telling.suyuan("audit", may_say_no=True)
    telling.say(
        f"Supply {yuan(supply['supply_fen'])} = escrow {yuan(supply['escrow_fen'])} + available {yuan(supply['available_fen'])} + in transit {yuan(supply['in_transit_fen'])} "
        f"+ to shoppers {yuan(supply['to_shoppers_fen'])} + guarantee fund {yuan(supply['fund_fen'])}."
    )
    telling.link("the merchant's page 商家页 (signs in)", telling.login("merchant", "/merchant/merchant"))


def _delivery_event(numbers: list[str]) -> dict[str, object]:
    """The carrier hands over parcels: one event that names the orders in its bizTransactionList."""
    orders = [f"urn:epcglobal:cbv:bt:{MERCHANT_GLN}:{number}" for number in numbers]
    event = {
        "type": "TransactionEvent",
        "eventTime": HANDED_OVER,
        "eventTimeZoneOffset": HANDED_OVER[-6:],
        "action": "OBSERVE",
        "bizStep": "accepting",
        "epcList": ["https://id.gs1.org/00/106141412345678908"],
        "readPoint": {"id": "geo:30.2741,120.1551"},
        "bizTransactionList": [{"type": "po", "bizTransaction": order} for order in orders],
    }
    return epcis_document([event], HANDED_OVER)


def _with_two_faults(statement: str) -> str:
    """The bank's statement with its first payout gone and its second a fen short."""
    entries = re.findall(r"<Ntry>.*?</Ntry>", statement, flags=re.DOTALL)
    short = re.sub(r">(\d+)\.(\d\d)<", lambda found: f">{amount_text(int(found[1] + found[2]) - 1)}<", entries[1])
    return statement.replace(entries[0], "").replace(entries[1], short)


def _orders_under(rule: int) -> str:
    """The orders file with the number of the rule that they fall under."""
    header, *lines = ORDERS.read_text(encoding="utf-8").splitlines()
    return "\n".join([header, *(",".join([*line.split(",")[:2], str(rule), "carrier"]) for line in lines)]) + "\n"
