"""Findings: what is said of the real case, the same kinds in other forms, and silence where records agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trace_scene import (
    CASES,
    DRESSING,
    GLNS,
    HANDED_IN,
    PALLET,
    RAW,
    SALAD,
    Scene,
    event,
    goods,
    harvested,
    made,
    new_scene,
    palletised,
    seen,
    the_real_case,
    towards,
    unit,
    unit_seen,
)

from ledger.trace.findings import Finding, Kind, Severity

FARM, COOLER, PACKER = GLNS["farm"], GLNS["cooler"], GLNS["packer"]
DISTRIBUTOR, PROCESSOR = GLNS["distributor"], GLNS["processor"]
ID = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Scene:
    return the_real_case(tmp_path_factory.mktemp("real"), corpora)


@pytest.fixture(scope="module")
def found(real: Scene) -> tuple[Finding, ...]:
    return real.findings(SALAD, "SALAD-20260420-A")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made_scene = new_scene(tmp_path)
    for slug in ("farm", "cooler", "packer", "distributor", "processor"):
        made_scene.member(slug, GLNS[slug])
    return made_scene


def kinds(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.kind.value for finding in findings]


def slugs(finding: Finding) -> set[str]:
    return {member.slug for member in finding.members}


# --- the real case ----------------------------------------------------------------------------------------------------


def test_the_real_case_has_these_findings_and_no_others(found: tuple[Finding, ...]) -> None:
    assert kinds(found) == [
        "same_id_two_contents",
        "received_more_than_shipped",
        "received_before_harvested",
        "no_origin",
        "no_origin",
    ]
    assert [finding.severity for finding in found] == [Severity.CONFLICT] * 3 + [Severity.GAP] * 2


def test_the_event_id_with_two_contents(found: tuple[Finding, ...]) -> None:
    finding = found[0]
    assert finding.values["event_id"] == "urn:uuid:4898a223-216a-4f46-9e18-338ccf6fa3ba"
    assert finding.values["differs_in"] == ["goods"]
    told = [
        (account["said_by"], account["said_of"], [f"{item['quantity']} {item['uom']}" for item in account["goods"]])
        for account in finding.values["accounts"]
    ]
    assert told == [(["packer"], None, ["250 LBR", "25 CS"]), (["distributor"], "packer", ["25000 LBR", "500 CS"])]
    assert "Distributor says of Packer: 25,000 lb" in finding.sentence.en
    assert "Distributor就Packer称：25,000 磅" in finding.sentence.zh_cn
    assert len(finding.event_hashes) == 2


def test_more_cases_arrived_than_left(found: tuple[Finding, ...]) -> None:
    finding = found[1]
    assert finding.values["pallet"] == PALLET
    assert finding.values["shipped"] == [{"quantity": "25", "uom": "CS"}]
    assert finding.values["received"] == [{"quantity": "500", "uom": "CS"}]
    assert finding.values["excess"] == [{"quantity": "475", "uom": "CS"}]
    assert slugs(finding) == {"packer", "distributor"}
    assert "25 cases left Packer" in finding.sentence.en
    assert "500 箱" in finding.sentence.zh_cn


def test_the_cooler_received_a_day_before_the_harvest(found: tuple[Finding, ...]) -> None:
    finding = found[2]
    assert finding.values["gap_seconds"] == 86_400
    assert finding.values["earlier"]["step"] == "receiving"
    assert slugs(finding) == {"cooler", "farm"}
    assert len(finding.event_hashes) == 3, "the receipt, the cooling, the harvest"
    assert "1 day before" in finding.sentence.en
    assert "1 天" in finding.sentence.zh_cn


def test_lots_without_origin(found: tuple[Finding, ...]) -> None:
    told = [(f.values["lot"], f.values["relation"], f.values["quantity"]) for f in found if f.kind is Kind.NO_ORIGIN]
    assert told == [("DEF2345", "input", "50"), ("ABC5678", "same_pallet", "25")]


def test_every_finding_names_events_and_speaks_both_languages(found: tuple[Finding, ...]) -> None:
    for finding in found:
        assert finding.event_hashes
        assert finding.members
        assert finding.sentence.en.endswith(".")
        assert finding.sentence.zh_cn.endswith("。")


def test_upstream_lots_do_not_answer_for_what_became_of_them(real: Scene) -> None:
    assert kinds(real.findings(RAW, "ABC1234")) == ["received_before_harvested"]


# --- silence on clean records -----------------------------------------------------------------------------------------


def tell_a_clean_chain(scene: Scene) -> None:
    """Two lots harvested, cooled, packed, sent on a pallet and loose, received in parts, mixed, sent on."""
    for lot in ("T1", "T2"):
        scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, lot, 1000)))
        sent = seen("shipping", "2026-04-01T10:00", FARM, goods(RAW, lot, 1000), **towards(FARM, COOLER))
        scene.say("farm", sent)
        on_the_way = seen("transporting", "2026-04-01T10:30", FARM, goods(RAW, lot, 1000), **towards(FARM, COOLER))
        scene.say("farm", on_the_way)
        got = seen("receiving", "2026-04-01T12:00", COOLER, goods(RAW, lot, 1000), **towards(FARM, COOLER))
        scene.say("cooler", got)
        for hour, part in ((14, 400), (16, 600)):
            sent = seen("shipping", f"2026-04-01T{hour}:00", COOLER, goods(RAW, lot, part), **towards(COOLER, PACKER))
            scene.say("cooler", sent)
        scene.say("cooler", got)  # a repeat
        arrived = seen("receiving", "2026-04-02T06:00", PACKER, goods(RAW, lot, 1000), **towards(COOLER, PACKER))
        scene.say("packer", arrived)
        scene.say("packer", seen("accepting", "2026-04-02T06:30", PACKER, goods(RAW, lot, 1000)))
        scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, lot, 1000)], [goods(CASES, lot, 100, "CS")]))
    on_pallet = [goods(CASES, "T1", 100, "CS"), goods(CASES, "T2", 100, "CS")]
    scene.say("packer", palletised("2026-04-02T10:00", PACKER, PALLET, *on_pallet))
    scene.say("packer", unit_seen("shipping", "2026-04-02T11:00", PACKER, PALLET, **towards(PACKER, DISTRIBUTOR)))
    for step, action, time in (("receiving", "OBSERVE", "15:00"), ("unpacking", "DELETE", "16:00")):
        told = palletised(f"2026-04-02T{time}", DISTRIBUTOR, PALLET, *on_pallet, action=action, step=step)
        scene.say("distributor", told)
    both = [goods(CASES, "T1", 100, "CS"), goods(CASES, "T2", 50, "CS")]
    scene.say(
        "distributor", seen("shipping", "2026-04-03T08:00", DISTRIBUTOR, *both, **towards(DISTRIBUTOR, PROCESSOR))
    )
    scene.say("processor", seen("receiving", "2026-04-03T10:00", PROCESSOR, *both, **towards(DISTRIBUTOR, PROCESSOR)))
    scene.say("processor", made("2026-04-03T00:00", PROCESSOR, both, [goods(SALAD, "S1", 2000, "CS")]))
    sold = seen("shipping", "2026-04-04T08:00", PROCESSOR, goods(SALAD, "S1", 500, "CS"), **towards(PROCESSOR, FARM))
    scene.say("processor", sold)


def test_a_clean_chain_has_no_findings(scene: Scene) -> None:
    tell_a_clean_chain(scene)
    for gtin, lot in ((SALAD, "S1"), (CASES, "T1"), (RAW, "T2")):
        for downstream in (False, True):
            assert scene.journey(gtin, lot, downstream=downstream).findings == ()


def test_a_clean_chain_retold_by_others_in_their_own_words_has_no_findings(scene: Scene) -> None:
    tell_a_clean_chain(scene)
    # The packer and the distributor retell what came before, with details left out and a minute off.
    scene.say("packer", harvested("2026-04-01T08:00", FARM, goods(RAW, "T1", 1000), disposition="active"))
    scene.say("packer", seen("shipping", "2026-04-01T10:01", FARM, goods(RAW, "T1", 1000), **towards(FARM, COOLER)))
    scene.say("packer", seen("receiving", "2026-04-01T12:01", COOLER, goods(RAW, "T1", 1000), **towards(FARM, COOLER)))
    scene.say("processor", palletised("2026-04-02T10:01", PACKER, PALLET, goods(CASES, "T1", 100, "CS")))
    retold = palletised(
        "2026-04-02T15:01", DISTRIBUTOR, PALLET, goods(CASES, "T1", 100, "CS"), action="OBSERVE", step="receiving"
    )
    scene.say("processor", retold)
    assert scene.findings(SALAD, "S1") == ()


def test_a_pallet_that_goes_on_to_a_second_place_is_not_received_twice(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "C1", 25, "CS")))
    scene.say("packer", palletised("2026-04-01T09:00", PACKER, PALLET, goods(CASES, "C1", 25, "CS")))
    for day, slug in ((2, "distributor"), (3, "processor")):
        place, load = GLNS[slug], goods(CASES, "C1", 25, "CS")
        told = palletised(f"2026-04-{day:02}T09:00", place, PALLET, load, action="OBSERVE", step="receiving")
        scene.say(slug, told)
    assert scene.findings(CASES, "C1") == ()


def test_units_that_differ_are_compared_where_they_can_be(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 1000, "LBR")))
    scene.say(
        "farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 1000, "LBR"), **towards(FARM, COOLER))
    )
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 453.6, "KGM")))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 40, "CS")))
    assert scene.findings(RAW, "L1") == ()


def test_a_day_without_a_time_contradicts_nothing_on_that_day(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T10:00", FARM, goods(RAW, "L1", 100)))
    scene.say("cooler", seen("receiving", "2026-04-01T00:00", COOLER, goods(RAW, "L1", 100)))
    scene.say("farm", harvested("2026-04-02T00:00", FARM, goods(RAW, "L2", 100)))
    scene.say("cooler", seen("receiving", "2026-04-02T09:00", COOLER, goods(RAW, "L2", 100)))
    assert scene.findings(RAW, "L1") == ()
    assert scene.findings(RAW, "L2") == ()


# --- the same kinds in other forms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ({"eventTime": "2026-04-01T09:00:00+08:00"}, "time"),
        ({"readPoint": {"id": f"https://id.gs1.org/414/{COOLER}"}}, "place"),
        ({"quantityList": [goods(RAW, "L1", 99)]}, "goods"),
        ({"quantityList": [goods(RAW, "L1", 100, "LBR")]}, "goods"),
        ({"bizStep": "commissioning"}, "step"),
    ],
)
def test_one_event_id_over_two_contents_names_what_differs(scene: Scene, change: dict[str, Any], aspect: str) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100), eventID=ID)
    scene.say("farm", told)
    scene.say("packer", {**told, **change})
    (finding,) = [each for each in scene.findings(RAW, "L1") if each.kind is Kind.SAME_ID_TWO_CONTENTS]
    assert finding.values["differs_in"] == [aspect]
    assert slugs(finding) == {"farm", "packer"}


def test_a_member_that_corrects_itself_under_the_same_id_is_found_too(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100), eventID=ID)
    scene.say("farm", told)
    scene.say("farm", {**told, "quantityList": [goods(RAW, "L1", 120)]})
    (finding,) = scene.findings(RAW, "L1")
    assert [account["said_of"] for account in finding.values["accounts"]] == [None, None]
    assert "said by another" not in finding.sentence.en


def test_three_contents_of_one_event_id_are_counted(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100), eventID=ID)
    scene.say("farm", told)
    scene.say("cooler", {**told, "quantityList": [goods(RAW, "L1", 120)]})
    scene.say("packer", {**told, "quantityList": [goods(RAW, "L1", 130)]})
    (finding,) = [each for each in scene.findings(RAW, "L1") if each.kind is Kind.SAME_ID_TWO_CONTENTS]
    assert slugs(finding) == {"farm", "cooler", "packer"}
    assert finding.title.en == "One event number, different contents"
    assert finding.sentence.en.endswith("They cannot all be true. 2 of them are said by another.")


def test_the_other_content_may_name_another_lot_altogether(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100), eventID=ID)
    scene.say("farm", told)
    (elsewhere,) = scene.say("packer", {**told, "quantityList": [goods(RAW, "L2", 100)]})
    (finding,) = scene.findings(RAW, "L1")
    assert elsewhere in finding.event_hashes
    assert len(scene.journey(RAW, "L1").steps) == 1


def test_one_event_id_over_a_retelling_with_less_detail_is_no_second_content(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100), eventID=ID)
    scene.say("farm", {**told, "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:1:2"}]})
    scene.say("packer", told)
    assert scene.findings(RAW, "L1") == ()


@pytest.mark.parametrize("name_ends", [True, False])
def test_more_arrives_loose_than_left(scene: Scene, name_ends: bool) -> None:
    ends = towards(FARM, COOLER) if name_ends else {}
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 900)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 300), **ends))
    scene.say("farm", seen("shipping", "2026-04-01T10:00", FARM, goods(RAW, "L1", 300), **ends))
    scene.say("cooler", seen("receiving", "2026-04-01T12:00", COOLER, goods(RAW, "L1", 601), **ends))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.kind is Kind.RECEIVED_MORE_THAN_SHIPPED
    assert finding.values["shipped"] == [{"quantity": "600", "uom": "KGM"}]
    assert finding.values["excess"] == [{"quantity": "1", "uom": "KGM"}]
    assert len(finding.event_hashes) == 3


def test_more_pounds_arrive_than_kilograms_left(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 1000)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 300, "LBR")))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.values["excess"] == [{"quantity": "79.54", "uom": "LBR"}]


def test_more_is_taken_loose_from_a_pallet_than_left_on_it(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "C1", 90, "CS")))
    scene.say("packer", palletised("2026-04-01T09:00", PACKER, PALLET, goods(CASES, "C1", 40, "CS")))
    scene.say("packer", unit_seen("shipping", "2026-04-01T10:00", PACKER, PALLET, **towards(PACKER, DISTRIBUTOR)))
    load = goods(CASES, "C1", 41, "CS")
    scene.say("distributor", seen("receiving", "2026-04-01T15:00", DISTRIBUTOR, load, **towards(PACKER, DISTRIBUTOR)))
    (finding,) = scene.findings(CASES, "C1")
    assert finding.kind is Kind.RECEIVED_MORE_THAN_SHIPPED
    assert finding.values["pallet"] is None


def test_a_receipt_with_the_pallet_and_the_lot_in_one_event(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "C1", 90, "CS")))
    scene.say("packer", palletised("2026-04-01T09:00", PACKER, PALLET, goods(CASES, "C1", 40, "CS")))
    told = unit_seen("receiving", "2026-04-01T15:00", DISTRIBUTOR, PALLET, quantityList=[goods(CASES, "C1", 44, "CS")])
    scene.say("distributor", told)
    (finding,) = scene.findings(CASES, "C1")
    assert finding.values["pallet"] == PALLET
    assert finding.values["excess"] == [{"quantity": "4", "uom": "CS"}]


def test_goods_for_another_place_do_not_count_as_shipped_here(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 900)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 300), **towards(FARM, COOLER)))
    scene.say("farm", seen("shipping", "2026-04-01T09:30", FARM, goods(RAW, "L1", 600), **towards(FARM, PACKER)))
    scene.say("cooler", seen("receiving", "2026-04-01T12:00", COOLER, goods(RAW, "L1", 301), **towards(FARM, COOLER)))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.values["shipped"] == [{"quantity": "300", "uom": "KGM"}]


def test_what_came_from_elsewhere_is_not_measured_against_this_shipment(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 900)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 300), **towards(FARM, COOLER)))
    scene.say("cooler", seen("receiving", "2026-04-01T12:00", COOLER, goods(RAW, "L1", 600), **towards(PACKER, COOLER)))
    assert scene.findings(RAW, "L1") == ()


def test_goods_of_one_lot_that_meet_again_from_two_places_are_added_up(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 200)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    scene.say("farm", seen("shipping", "2026-04-01T09:30", FARM, goods(RAW, "L1", 100), **towards(FARM, PACKER)))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    scene.say("cooler", seen("shipping", "2026-04-02T08:00", COOLER, goods(RAW, "L1", 100), **towards(COOLER, PACKER)))
    scene.say("packer", seen("receiving", "2026-04-02T12:00", PACKER, goods(RAW, "L1", 200)))
    assert scene.findings(RAW, "L1") == ()
    scene.say("packer", seen("receiving", "2026-04-02T12:30", PACKER, goods(RAW, "L1", 1)))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.values["shipped"] == [{"quantity": "200", "uom": "KGM"}]


def test_what_is_sent_back_later_is_no_contradiction(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 100)))
    scene.say("packer", seen("receiving", "2026-04-02T10:00", PACKER, goods(RAW, "L1", 100)))
    scene.say("packer", seen("shipping", "2026-04-03T10:00", PACKER, goods(RAW, "L1", 50), **towards(PACKER, COOLER)))
    scene.say("cooler", seen("receiving", "2026-04-03T15:00", COOLER, goods(RAW, "L1", 50)))
    assert scene.findings(RAW, "L1") == ()


def test_a_loose_arrival_before_the_departure_that_it_names(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    scene.say("farm", seen("shipping", "2026-04-01T13:00", FARM, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.title.en == "Received before it was shipped"
    assert "3 hours before" in finding.sentence.en


@pytest.mark.parametrize("reverse", [False, True])
def test_the_same_findings_whoever_is_first_and_whatever_the_numbers(
    tmp_path: Path, corpora: Path, reverse: bool
) -> None:
    """The real documents with other lots, numbers, units and days, and handed in the other way round."""
    scene = new_scene(tmp_path)
    for slug, gln in GLNS.items():
        scene.member(slug, gln)
    changes = {
        "ABC1234": "K-77/9", "ABC5678": "K-78", "DEF2345": "DR.1", "SALAD-20260420-A": "MIX-1", "LBR": "KGM",
        '"CS"': '"BX"', "25000": "1200.5", '"quantity": 25,': '"quantity": 7,', '"quantity": 500,': '"quantity": 8,',
        '"quantity": 100,': '"quantity": 6,',
        "2026-04-": "2027-11-", "/10/K-77/9": "/10/K-77%2F9",
    }  # fmt: skip
    for slug, name in reversed(HANDED_IN) if reverse else HANDED_IN:
        text = (corpora / "epcis" / "fsma204" / f"{name}-cte.jsonld").read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        scene.hand_in(slug, text.encode())
    findings = scene.findings(SALAD, "MIX-1")
    assert kinds(findings) == [
        "same_id_two_contents",
        "received_more_than_shipped",
        "received_before_harvested",
        "no_origin",
        "no_origin",
    ]
    assert "7 boxes left Packer" in findings[1].sentence.en
    assert "Distributor received 8 boxes" in findings[1].sentence.en
    assert "Distributor says of Packer: 1,200.5 kg" in findings[0].sentence.en


def test_a_stranger_that_tells_of_too_much_is_named(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 900)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 300), **towards(FARM, COOLER)))
    scene.say("packer", seen("receiving", "2026-04-01T12:00", COOLER, goods(RAW, "L1", 600), **towards(FARM, COOLER)))
    (finding,) = scene.findings(RAW, "L1")
    assert "so says Packer" in finding.sentence.en
    # What the cooler itself says goes before it.
    scene.say("cooler", seen("receiving", "2026-04-01T12:05", COOLER, goods(RAW, "L1", 300), **towards(FARM, COOLER)))
    assert scene.findings(RAW, "L1") == ()


def test_received_before_harvested_in_other_zones(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    early = seen("receiving", "2026-04-01T06:00", COOLER, goods(RAW, "L1", 100))
    scene.say("cooler", {**early, "eventTime": "2026-03-31T18:59:00-05:00", "eventTimeZoneOffset": "-05:00"})
    (finding,) = scene.findings(RAW, "L1")
    assert finding.kind is Kind.RECEIVED_BEFORE_HARVESTED
    assert finding.values["gap_seconds"] == 60
    assert "1 minute before" in finding.sentence.en


def test_dates_without_a_time_contradict_each_other_from_one_day_to_the_next(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-02T00:00", FARM, goods(RAW, "L1", 100)))
    scene.say("cooler", seen("receiving", "2026-04-01T00:00", COOLER, goods(RAW, "L1", 100)))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.kind is Kind.RECEIVED_BEFORE_HARVESTED
    assert "on 2026-04-01 (UTC+08:00), 1 day before" in finding.sentence.en


def test_the_earliest_of_several_harvests_counts(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 50)))
    scene.say("farm", harvested("2026-04-03T08:00", FARM, goods(RAW, "L1", 50)))
    scene.say("cooler", seen("receiving", "2026-04-02T06:00", COOLER, goods(RAW, "L1", 50)))
    assert scene.findings(RAW, "L1") == ()


def test_used_before_it_was_made_and_packed_before_it_was_made(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-03T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", made("2026-04-01T08:00", PACKER, [goods(RAW, "L1", 100)], [goods(CASES, "C1", 10, "CS")]))
    scene.say("packer", palletised("2026-03-31T08:00", PACKER, PALLET, goods(CASES, "C1", 10, "CS")))
    findings = scene.findings(CASES, "C1")
    assert {(finding.kind, finding.lots) for finding in findings} == {
        (Kind.TIME_OUT_OF_ORDER, (f"{RAW}/L1",)),
        (Kind.TIME_OUT_OF_ORDER, (f"{CASES}/C1",)),
    }


def test_received_before_it_was_shipped(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "C1", 40, "CS")))
    scene.say("packer", palletised("2026-04-02T09:00", PACKER, PALLET, goods(CASES, "C1", 40, "CS")))
    load = goods(CASES, "C1", 40, "CS")
    told = palletised("2026-04-01T15:00", DISTRIBUTOR, PALLET, load, action="OBSERVE", step="receiving")
    scene.say("distributor", told)
    (finding,) = scene.findings(CASES, "C1")
    assert finding.kind is Kind.TIME_OUT_OF_ORDER
    assert finding.title.en == "Received before it was shipped"
    assert slugs(finding) == {"packer", "distributor"}


def test_the_lot_itself_without_an_origin(scene: Scene) -> None:
    (told,) = scene.say("cooler", seen("storing", "2026-04-01T08:00", COOLER, goods(RAW, "L1", 100)))
    (finding,) = scene.findings(RAW, "L1")
    assert finding.kind is Kind.NO_ORIGIN
    assert finding.values["relation"] == "itself"
    assert finding.event_hashes == (told,)


def test_an_input_whose_origin_is_recorded_elsewhere_is_no_gap(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "NEIGHBOUR", 5, "CS")))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 100)], [goods(CASES, "C1", 5, "CS")]))
    both = [goods(CASES, "C1", 5, "CS"), goods(CASES, "NEIGHBOUR", 5, "CS")]
    scene.say("packer", palletised("2026-04-03T08:00", PACKER, PALLET, *both))
    journey = scene.journey(CASES, "C1")
    assert journey.findings == ()
    assert len(journey.steps) == 3, "the neighbour's own history is not the lot's"


def test_many_items_without_a_lot_and_an_origin_are_one_finding(scene: Scene) -> None:
    items = [f"https://id.gs1.org/01/{DRESSING}/21/{number}" for number in range(1, 6)]
    told = made("2026-04-02T08:00", PACKER, [], [goods(CASES, "C1", 5, "CS")], inputEPCList=items)
    del told["inputQuantityList"]
    scene.say("packer", told)
    (finding,) = scene.findings(CASES, "C1")
    assert len(finding.lots) == 5
    assert len(scene.journey(CASES, "C1").inputs) == 5


def test_a_class_of_goods_without_a_lot_has_no_origin_to_record(scene: Scene) -> None:
    boxes = {"epcClass": f"https://id.gs1.org/01/{DRESSING}", "quantity": 100, "uom": "EA"}
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 100), boxes], [goods(CASES, "C1", 5, "CS")]))
    assert scene.findings(CASES, "C1") == ()


def test_more_used_than_made(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 80)], [goods(CASES, "C1", 8, "CS")]))
    assert scene.findings(CASES, "C1") == ()
    scene.say("packer", made("2026-04-02T09:00", PACKER, [goods(RAW, "L1", 80)], [goods(CASES, "C2", 8, "CS")]))
    for lot in ("C1", "C2"):
        (finding,) = scene.findings(CASES, lot)
        assert finding.kind is Kind.USED_MORE_THAN_MADE
        assert finding.values["excess"] == [{"quantity": "60", "uom": "KGM"}]
        assert len(finding.event_hashes) == 3


def test_several_accounts_of_one_packing_do_not_add_up_to_more_used_than_made(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    for time, amount in (("08:00", 100), ("08:30", 90), ("09:00", 100)):
        told = made(f"2026-04-02T{time}", PACKER, [goods(RAW, "L1", amount)], [goods(CASES, "C1", 8, "CS")])
        scene.say("packer", told)
    assert scene.findings(CASES, "C1") == ()


def test_quantities_that_are_not_told_give_no_findings(scene: Scene) -> None:
    silent = {"epcClass": f"https://id.gs1.org/01/{RAW}/10/L1"}
    scene.say("farm", harvested("2026-04-01T08:00", FARM, silent))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, silent, **towards(FARM, COOLER)))
    scene.say("cooler", seen("receiving", "2026-04-01T10:00", COOLER, goods(RAW, "L1", 5), **towards(FARM, COOLER)))
    assert scene.findings(RAW, "L1") == ()


def test_serial_numbers_of_a_lot_are_counted(scene: Scene) -> None:
    def items(*serials: str) -> list[str]:
        return [f"https://id.gs1.org/01/{CASES}/10/C1/21/{serial}" for serial in serials]

    def told(step: str, time: str, place: str, action: str, *serials: str, **more: Any) -> dict[str, Any]:
        return event("ObjectEvent", time, place, step, action=action, epcList=items(*serials), **more)

    scene.say("packer", told("commissioning", "2026-04-01T08:00", PACKER, "ADD", "1", "2", "3"))
    way = towards(PACKER, DISTRIBUTOR)
    scene.say("packer", told("shipping", "2026-04-01T09:00", PACKER, "OBSERVE", "1", "2", **way))
    scene.say("distributor", told("receiving", "2026-04-01T12:00", DISTRIBUTOR, "OBSERVE", "1", "2", "3", **way))
    (finding,) = scene.findings(CASES, "C1")
    assert finding.kind is Kind.RECEIVED_MORE_THAN_SHIPPED
    assert "2 pieces left" in finding.sentence.en


def test_thousands_of_serial_numbers_are_told_like_a_few(scene: Scene) -> None:
    cases = [f"https://id.gs1.org/01/{SALAD}/21/S{number}" for number in range(1000)]
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 100)], [], outputEPCList=cases))
    scene.say("processor", made("2026-04-03T08:00", PROCESSOR, [], [goods(DRESSING, "D1", 9)], inputEPCList=cases))
    assert scene.findings(DRESSING, "D1") == ()
    assert len(scene.journey(DRESSING, "D1").inputs) == 1000


def test_a_pallet_named_alone_gives_no_quantity_to_compare(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", PACKER, goods(CASES, "C1", 40, "CS")))
    scene.say("packer", palletised("2026-04-02T09:00", PACKER, PALLET, goods(CASES, "C1", 40, "CS")))
    scene.say("distributor", unit_seen("receiving", "2026-04-02T15:00", DISTRIBUTOR, PALLET))
    assert scene.findings(CASES, "C1") == ()
    assert unit(PALLET).endswith(PALLET)
