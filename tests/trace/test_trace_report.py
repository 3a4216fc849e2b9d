"""A journey as a document and as text: stable keys, every statement reachable, findings pointing at their steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trace_scene import GLNS, RAW, SALAD, goods, harvested, new_scene, the_real_case

from ledger.trace.journey import Journey
from ledger.trace.trace_report import journey_document, journey_text
from ledger.trace.words import amount


@pytest.fixture(scope="module")
def salad(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Journey:
    return the_real_case(tmp_path_factory.mktemp("real"), corpora).journey(SALAD, "SALAD-20260420-A")


@pytest.fixture(scope="module")
def document(salad: Journey) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(journey_document(salad)))
    return read


def test_the_keys_stay_as_they_are(document: dict[str, Any]) -> None:
    assert set(document) == {
        "gtin", "lot", "lot_key", "product", "owner", "origin_known", "recalled", "recalls", "steps", "findings", "inputs",
        "made_into", "members",
    }  # fmt: skip
    assert set(document["steps"][0]) == {
        "number", "key", "what", "event_type", "biz_step", "action", "time", "place", "from", "to", "goods", "aboard",
        "sensors", "depth", "lots", "who", "grade", "said_by", "said_of", "accounts", "contradicts", "findings",
    }  # fmt: skip
    assert set(document["findings"][0]) == {
        "kind", "severity", "title", "sentence", "lots", "events", "members", "values",
    }  # fmt: skip


def test_every_statement_of_the_seven_documents_but_the_swordfish_is_reachable(document: dict[str, Any]) -> None:
    said = [
        statement["commitment"]
        for step in document["steps"]
        for account in step["accounts"]
        for statement in account["statements"]
    ]
    assert len(said) == len(set(said)) == 16
    for step in document["steps"]:
        for account in step["accounts"]:
            for statement in account["statements"]:
                assert statement["block"] > 0
                assert statement["transaction"].startswith("0x")


def test_findings_and_steps_point_at_each_other(document: dict[str, Any]) -> None:
    for number, finding in enumerate(document["findings"]):
        told = {
            account["event_hash"]
            for step in document["steps"]
            if number in step["findings"]
            for account in step["accounts"]
        }
        assert told >= set(finding["events"])
        assert set(finding["sentence"]) == {"zh-CN", "en"}


def test_quantities_stay_text(document: dict[str, Any]) -> None:
    harvest = next(step for step in document["steps"] if step["action"] == "ADD")
    assert harvest["goods"][0]["quantity"] == "25000"
    assert harvest["time"] == {
        "utc": "2026-04-17T13:26:42.000Z",
        "local": "2026-04-17T09:26:42-04:00",
        "offset": "-04:00",
        "whole_day": False,
    }


def test_the_text_tells_steps_and_findings(salad: Journey) -> None:
    text = journey_text(salad)
    assert "lot SALAD-20260420-A" in text
    assert "Distributor (of Packer)" in text
    assert "! More received than shipped (step 11, 12, 13)" in text
    assert "SWF-2026-0223" not in text


def test_the_text_of_a_clean_journey_says_so_and_a_recall_stands_on_top(tmp_path: Path) -> None:
    scene = new_scene(tmp_path)
    scene.member("farm", GLNS["farm"])
    scene.say("farm", harvested("2026-04-01T08:00", GLNS["farm"], goods(RAW, "L-1", 100.5)))
    text = journey_text(scene.journey(RAW, "L-1"))
    assert "No contradictions and no gaps" in text
    assert "100.5 kg L-1" in text
    scene.recall(RAW, "L-1", "farm")
    assert "RECALLED by Farm: Glass found" in journey_text(scene.journey(RAW, "L-1")).splitlines()[1]


def test_one_case_is_no_cases() -> None:
    assert [amount(said, unit).en for said, unit in (("1", "CS"), ("1.0", "BX"), ("1", None), ("2", "CS"))] == [
        "1 case", "1 box", "1 piece", "2 cases",
    ]  # fmt: skip
    assert [amount("1", unit).en for unit in ("KGM", "TNE", "DZN", "GLL", "XYZ")] == [
        "1 kg", "1 t", "1 dozen", "1 gal", "1 XYZ",
    ]  # fmt: skip
