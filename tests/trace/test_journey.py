"""Journeys: the real case told from its seven documents, and the rules by which steps are told, graded and left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from trace_scene import (
    CASES,
    CERTIFIER,
    DRESSING,
    GLNS,
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

from ledger.errors import NotFound
from ledger.trace.facts import find_lots
from ledger.trace.findings import Kind
from ledger.trace.grades import Grade
from ledger.trace.journey import Journey, Step

LOT = "SALAD-20260420-A"
FARM, COOLER, PACKER = GLNS["farm"], GLNS["cooler"], GLNS["packer"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Scene:
    return the_real_case(tmp_path_factory.mktemp("real"), corpora)


@pytest.fixture(scope="module")
def salad(real: Scene) -> Journey:
    return real.journey(SALAD, LOT)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made_scene = new_scene(tmp_path)
    for slug in ("farm", "cooler", "packer", "distributor", "processor"):
        made_scene.member(slug, GLNS[slug])
    return made_scene


def shorthand(step: Step) -> str:
    return f"{step.who.slug if step.who else '-'} {step.biz_step}"


def quantities(step: Step, role: str) -> list[str]:
    return [f"{item.quantity} {item.uom} {item.lot}" for item in step.goods if item.role == role]


# --- the real case ----------------------------------------------------------------------------------------------------


def test_the_salad_travelled_from_the_field_to_the_bowl(salad: Journey) -> None:
    assert [shorthand(step) for step in salad.steps] == [
        "cooler receiving",  # a day early: the finding says so
        "cooler other",
        "farm creating_class_instance",
        "cooler transporting",
        "farm transporting",
        "packer receiving",
        "packer other",
        "packer creating_class_instance",
        "packer creating_class_instance",
        "packer creating_class_instance",
        "packer packing",
        "packer shipping",
        "distributor receiving",
        "processor creating_class_instance",
    ]


def test_the_swordfish_is_no_part_of_the_salad(salad: Journey) -> None:
    assert "SWF-2026-0223" not in repr(salad)
    assert {member.slug for member in salad.members} == {"farm", "cooler", "packer", "distributor", "processor"}


def test_all_three_accounts_of_the_packing_stay_visible(salad: Journey) -> None:
    packings = [step for step in salad.steps if shorthand(step) == "packer creating_class_instance"]
    told = {(*quantities(step, "input"), *quantities(step, "output"), step.signers[0].slug) for step in packings}
    assert told == {
        ("250 LBR ABC1234", "25 CS ABC1234", "packer"),
        ("25000 LBR ABC1234", "500 CS ABC1234", "distributor"),
        ("25000 LBR ABC1234", "500 CS ABC1234", "packer"),
    }
    under_one_id = [step for step in packings if step.contradicts]
    assert len(under_one_id) == 2
    assert under_one_id[0].contradicts == (under_one_id[1].key,)
    assert under_one_id[1].contradicts == (under_one_id[0].key,)


def test_what_the_distributor_says_of_the_packer_reads_so(salad: Journey) -> None:
    reported = [step for step in salad.steps if step.grade is Grade.REPORTED]
    assert [(step.signers[0].slug, step.said_of.slug if step.said_of else None) for step in reported] == [
        ("distributor", "packer")
    ]


def test_the_packers_copy_of_the_harvest_is_the_same_step_told_with_less_detail(salad: Journey) -> None:
    (harvest,) = [step for step in salad.steps if shorthand(step) == "farm creating_class_instance"]
    assert [[said.member.slug for said in account.statements] for account in harvest.accounts] == [["farm"], ["packer"]]
    assert harvest.grade is Grade.DECLARED, "the packer signed another hash, so nothing attests the farm's"
    assert harvest.said_of is None
    farms, packers = harvest.accounts
    assert [detail.en for detail in farms.details] == ["document prodorder HARVEST-2026-0417"]
    assert packers.details == ()
    assert packers.said_of is not None
    assert packers.said_of.slug == "farm"


def test_the_same_hash_of_two_members_is_one_step_and_attested(salad: Journey) -> None:
    (transport,) = [step for step in salad.steps if shorthand(step) == "farm transporting"]
    assert [signer.slug for signer in transport.signers] == ["farm", "packer"]
    assert len(transport.accounts) == 1
    assert transport.grade is Grade.ATTESTED


def test_a_temperature_from_a_device_is_measured(salad: Journey) -> None:
    measured = [step for step in salad.steps if step.grade is Grade.MEASURED]
    assert [shorthand(step) for step in measured] == ["cooler other", "packer other"]
    assert [(value.type, value.value, value.uom) for value in measured[0].sensors] == [("Temperature", "36", "FAH")]


def test_times_are_told_in_the_events_own_zone(salad: Journey) -> None:
    harvest = next(step for step in salad.steps if shorthand(step) == "farm creating_class_instance")
    assert harvest.when.local == "2026-04-17T09:26:42-04:00"
    assert harvest.when.words == "2026-04-17 09:26 (UTC-04:00)"
    assert salad.steps[-1].when.whole_day, "the salad has a date only"
    assert salad.steps[-1].when.words == "2026-04-20 (UTC-04:00)"


def test_the_pallet_shows_what_it_carried(salad: Journey) -> None:
    shipping = next(step for step in salad.steps if step.biz_step == "shipping")
    assert [f"{item.quantity} {item.lot}" for item in shipping.aboard] == ["25 ABC1234", "25 ABC5678"]
    assert [place.gln for place in shipping.destinations] == [GLNS["distributor"]]


def test_each_step_carries_its_proof(salad: Journey) -> None:
    for step in salad.steps:
        for account in step.accounts:
            assert account.ni == f"ni:///sha-256;{account.event_hash}?ver=CBV2.0"
            for said in account.statements:
                assert said.block > 0
                assert said.tx_hash.startswith("0x")
                assert said.salt is not None


def test_the_inputs_are_branches_with_and_without_an_origin(salad: Journey) -> None:
    assert [(branch.lot, branch.origin_known) for branch in salad.inputs] == [("ABC1234", True), ("DEF2345", False)]
    (lettuce,) = salad.inputs[0].inputs
    assert (lettuce.gtin, lettuce.lot, lettuce.origin_known) == (RAW, "ABC1234", True)
    assert [shorthand(step) for step in salad.steps if step.key in lettuce.steps] == ["farm creating_class_instance"]


def test_downstream_leads_from_the_field_to_the_salad(real: Scene) -> None:
    assert real.journey(RAW, "ABC1234").made_into == ()
    journey = real.journey(RAW, "ABC1234", downstream=True)
    (cases,) = journey.made_into
    assert [(branch.gtin, branch.lot) for branch in cases.inputs] == [(SALAD, LOT)]
    assert [step.biz_step for step in journey.steps if step.depth == -1][-3:] == ["packing", "shipping", "receiving"]


def test_one_lot_number_of_two_products_is_two_lots(real: Scene) -> None:
    with real.engine.connect() as connection:
        assert find_lots(connection, "ABC1234") == [(RAW, "ABC1234"), (CASES, "ABC1234")]
        assert find_lots(connection, "nowhere") == []


# --- rules ------------------------------------------------------------------------------------------------------------


def test_a_lot_that_nobody_named_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound, match="Nothing is recorded"):
        scene.journey(SALAD, "NONE")


def test_a_lot_that_only_has_codes_has_an_empty_journey(scene: Scene) -> None:
    scene.code(SALAD, "CODES", 2, "processor")
    journey = scene.journey(SALAD, "CODES")
    assert journey.steps == ()
    assert not journey.origin_known


def test_another_use_of_an_input_is_not_part_of_the_history(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(RAW, "L1", 10)], [goods(CASES, "C1", 1, "CS")]))
    scene.say("packer", made("2026-04-02T09:00", PACKER, [goods(RAW, "L1", 10)], [goods(CASES, "C2", 1, "CS")]))
    journey = scene.journey(CASES, "C1")
    assert [step.depth for step in journey.steps] == [1, 0]
    assert "C2" not in repr(journey)


def test_the_pallets_life_before_and_after_the_lot_is_left_out(scene: Scene) -> None:
    def load(lot: str, day: int) -> None:
        scene.say("packer", harvested(f"2026-04-{day:02}T07:00", PACKER, goods(CASES, lot, 5, "CS")))
        scene.say("packer", palletised(f"2026-04-{day:02}T08:00", PACKER, PALLET, goods(CASES, lot, 5, "CS")))
        scene.say("packer", unit_seen("shipping", f"2026-04-{day:02}T09:00", PACKER, PALLET))
        scene.say(
            "distributor",
            palletised(f"2026-04-{day:02}T15:00", GLNS["distributor"], PALLET, action="DELETE", step="unpacking"),
        )
        scene.say("distributor", unit_seen("storing", f"2026-04-{day:02}T16:00", GLNS["distributor"], PALLET))

    for lot, day in (("C1", 1), ("C2", 3), ("C3", 5)):
        load(lot, day)
    journey = scene.journey(CASES, "C2")
    assert [(step.biz_step, step.when.local[:10]) for step in journey.steps] == [
        ("creating_class_instance", "2026-04-03"),
        ("packing", "2026-04-03"),
        ("shipping", "2026-04-03"),
        ("unpacking", "2026-04-03"),
    ]


def test_what_happens_to_the_truck_that_carries_the_pallet_happens_to_the_lot(scene: Scene) -> None:
    truck = "https://id.gs1.org/8003/09521141111116TRUCK1"
    scene.say("packer", harvested("2026-04-01T07:00", PACKER, goods(CASES, "C1", 5, "CS")))
    scene.say("packer", palletised("2026-04-01T08:00", PACKER, PALLET, goods(CASES, "C1", 5, "CS")))
    on_truck = {"action": "ADD", "parentID": truck, "childEPCs": [unit(PALLET)]}
    scene.say("packer", event("AggregationEvent", "2026-04-01T09:00", PACKER, "loading", **on_truck))
    scene.say(
        "packer", event("ObjectEvent", "2026-04-01T10:00", PACKER, "departing", action="OBSERVE", epcList=[truck])
    )
    steps = scene.journey(CASES, "C1").steps
    assert [step.biz_step for step in steps] == ["creating_class_instance", "packing", "loading", "departing"]


def test_a_transformation_told_in_two_parts_is_followed(scene: Scene) -> None:
    whole = "urn:epc:id:gdti:0614141.12345.400"
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    for time, lists in (
        ("2026-04-02T08:00", {"inputQuantityList": [goods(RAW, "L1", 100)]}),
        ("2026-04-02T12:00", {"outputQuantityList": [goods(CASES, "C1", 10, "CS")]}),
    ):
        part = event("TransformationEvent", time, PACKER, "creating_class_instance", transformationID=whole, **lists)
        scene.say("packer", part)
    journey = scene.journey(CASES, "C1")
    assert [branch.lot for branch in journey.inputs] == ["L1"]
    assert [step.when.local[:16] for step in journey.steps] == [
        "2026-04-01T08:00",
        "2026-04-02T08:00",
        "2026-04-02T12:00",
    ]
    assert journey.findings == ()


def test_lots_that_are_made_of_each_other_end_the_walk(scene: Scene) -> None:
    scene.say("packer", made("2026-04-01T08:00", PACKER, [goods(RAW, "A", 1)], [goods(CASES, "B", 1)]))
    scene.say("packer", made("2026-04-02T08:00", PACKER, [goods(CASES, "B", 1)], [goods(RAW, "A", 1)]))
    journey = scene.journey(RAW, "A", downstream=True)
    assert len(journey.steps) == 2
    assert [branch.lot for branch in journey.inputs] == ["B"]
    assert [branch.lot for branch in journey.inputs[0].inputs] == ["A"]
    assert journey.inputs[0].inputs[0].inputs == ()


def test_what_a_certifier_signs_is_attested(scene: Scene) -> None:
    scene.member("certifier", roles=CERTIFIER)
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100))
    scene.say("certifier", told)
    (step,) = scene.journey(RAW, "L1").steps
    assert step.grade is Grade.ATTESTED
    assert step.said_of is not None, "still said of the farm, which has not signed"


def test_when_the_holder_signs_later_it_no_longer_reads_as_said_of_it(scene: Scene) -> None:
    told = harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100))
    scene.say("packer", told)
    (before,) = scene.journey(RAW, "L1").steps
    assert (before.grade, before.said_of and before.said_of.slug) == (Grade.REPORTED, "farm")
    scene.say("farm", told)
    (after,) = scene.journey(RAW, "L1").steps
    assert (after.grade, after.said_of) == (Grade.ATTESTED, None)
    assert [signer.slug for signer in after.signers] == ["packer", "farm"]


def test_at_a_place_that_nobody_holds_a_claim_is_a_report(scene: Scene) -> None:
    scene.say("packer", harvested("2026-04-01T08:00", GLNS["fishery"], goods(RAW, "L1", 100)))
    (step,) = scene.journey(RAW, "L1").steps
    assert (step.grade, step.said_of) == (Grade.REPORTED, None)


def test_without_a_place_or_by_its_position_a_member_speaks_of_itself(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", "", goods(RAW, "L1", 100)))
    field = harvested("2026-04-01T08:00", "", goods(RAW, "L2", 100), readPoint={"id": "geo:31.2,121.5"})
    scene.say("farm", field)
    for lot in ("L1", "L2"):
        (step,) = scene.journey(RAW, lot).steps
        assert step.grade is Grade.DECLARED


def test_a_device_at_anothers_place_is_not_measured(scene: Scene) -> None:
    report = {"type": "Temperature", "value": 4.5, "uom": "CEL", "deviceID": "https://id.gs1.org/8004/0952114100001"}
    told = seen(
        "storing", "2026-04-01T08:00", COOLER, goods(RAW, "L1", 5), sensorElementList=[{"sensorReport": [report]}]
    )
    scene.say("farm", told)
    (step,) = scene.journey(RAW, "L1").steps
    assert step.grade is Grade.REPORTED
    assert [value.value for value in step.sensors] == ["4.5"]


def test_a_standing_recall_is_part_of_the_journey(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.recall(RAW, "L1", "farm", closed=True)
    assert scene.journey(RAW, "L1").recall is None
    scene.recall(RAW, "L1", "farm")
    journey = scene.journey(RAW, "L1")
    assert journey.recall is not None
    assert journey.recall.reason == "Glass found"
    assert len(journey.recalls) == 2


def test_a_clean_journey_of_many_hops_is_told_whole(scene: Scene) -> None:
    scene.say("farm", harvested("2026-01-01T08:00", FARM, goods(RAW, "L0", 100)))
    for hop in range(1, 12):
        used, out = [goods(RAW, f"L{hop - 1}", 100)], [goods(RAW, f"L{hop}", 100)]
        scene.say("packer", made(f"2026-01-{hop + 1:02}T08:00", PACKER, used, out))
    journey = scene.journey(RAW, "L11")
    assert [step.depth for step in journey.steps] == list(range(11, -1, -1))
    assert journey.findings == ()


def test_findings_point_at_the_steps_they_rest_on(salad: Journey) -> None:
    for number, finding in enumerate(salad.findings):
        steps = [step for step in salad.steps if number in step.findings]
        assert steps
        assert {account.event_hash for step in steps for account in step.accounts} >= set(finding.event_hashes)
    kinds = [salad.findings[number].kind for number in salad.steps[-1].findings]
    assert kinds == [Kind.NO_ORIGIN]


def test_the_dressing_and_the_neighbour_on_the_pallet_are_the_lots_without_origin(salad: Journey) -> None:
    lots = [finding.values["lot_key"] for finding in salad.findings if finding.kind is Kind.NO_ORIGIN]
    assert lots == [f"{DRESSING}/DEF2345", f"{CASES}/ABC5678"]


def test_directions_of_shipments_are_told(scene: Scene) -> None:
    scene.say("farm", harvested("2026-04-01T08:00", FARM, goods(RAW, "L1", 100)))
    scene.say("farm", seen("shipping", "2026-04-01T09:00", FARM, goods(RAW, "L1", 100), **towards(FARM, COOLER)))
    step = scene.journey(RAW, "L1").steps[-1]
    assert [place.holder.slug for place in (*step.sources, *step.destinations) if place.holder] == ["farm", "cooler"]
