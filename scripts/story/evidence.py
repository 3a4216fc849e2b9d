"""The first story: a lot travels from a field to a salad, and a shopper scans the pack."""

from __future__ import annotations

import json
from pathlib import Path

from ledger.context import Ledger
from scripts.story.lettuce import SALAD_GTIN, SALAD_LOT, documents
from scripts.story.telling import Telling

ITEMS = 12


def tell_evidence(telling: Telling, ledger: Ledger) -> None:
    telling.chapter("Evidence: from the field to the salad 从田间到沙拉")
    folder = ledger.home.path / "story"
    folder.mkdir(exist_ok=True)
    telling.step(
        "Each party hands in what it says happened, signed with its own key. They contradict one another, as real ones do."
    )
    for member, name, document in documents():
        _hand_in(telling, folder / name, member, document)
    telling.step("The journey of the salad, and what does not add up in it:")
    journey = telling.suyuan("trace", "--lot", SALAD_LOT, "--gtin", SALAD_GTIN)
    for step in journey["steps"]:
        who = step["who"]["name"] if step["who"] else "?"
        telling.say(f"{step['time']['local'][:16]:<17} {who}: {step['what']['en']}  [{step['grade']}]")
    for finding in journey["findings"]:
        telling.say(f"! {finding['sentence']['en']}")
    telling.step(
        f"The processor gives the lot {ITEMS} item codes, one Merkle root on the chain, and prints a label sheet."
    )
    sheet = ledger.home.path / "labels"
    made = telling.suyuan(
        *("items", "make", "--as", "processor", "--gtin", SALAD_GTIN, "--lot", SALAD_LOT),
        *("--count", str(ITEMS), "--batch", "demo", "--sheet", str(sheet)),
    )
    telling.say(
        "These had been made before; nothing changed."
        if made["repeated"]
        else f"Root {made['root']}, block {made['block']}."
    )
    telling.say(f"Label sheet: {made['sheet']}")
    uri = made["uris"][0]
    telling.step("A shopper scans one pack; anyone can check it without trusting this website.")
    verified = telling.suyuan("verify", uri)
    for step in verified["steps"]:
        telling.say(f"{'✓' if step['holds'] else '✗'} {step['title']} ({len(step['checks'])} checks)")
    telling.link("the pack, scanned 扫码页", uri)
    telling.link("a forged code 伪造的码", uri[:-1] + ("0" if uri[-1] != "0" else "1"))
    telling.step("The farm lets the API record what it enters in the web form; the contract checks the grant.")
    telling.suyuan("grant", "--as", "farm")
    telling.link("log a batch 登记批次 (signs in)", telling.login("farm", "/log"))
    index = telling.suyuan("index", "digest")
    telling.say(f"Digest over all derived rows: {index['digest'][:16]}…")


def _hand_in(telling: Telling, path: Path, member: str, document: dict[str, object]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    result = telling.suyuan("capture", str(path), "--as", member)
    accepted = sum(event["outcome"] == "accepted" for event in result["files"][0]["events"])
    repeated = len(result["files"][0]["events"]) - accepted
    telling.say(f"{member}: {accepted} recorded" + (f", {repeated} said before" if repeated else ""))
