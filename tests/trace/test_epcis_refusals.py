"""What a capture refuses, with the reason and the place; faults by kind of event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from epcis_builders import GS1, ITEM, KINDS, LOT, PALLET, a_document, an_event

from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis import read_document


def faults_of(*events: Any, **document: Any) -> dict[str, str]:
    """The faults of a refused document by their pointers inside the first event, or in the document."""
    with pytest.raises(BadDocument) as refused:
        read_document(a_document(*events, **document), source="test.json")
    found = {}
    for problem in refused.value.problems:
        assert problem.hint or problem.where, "a fault says where it is or what to do"
        found[str(problem.where).removeprefix("test.json#").removeprefix("/epcisBody/eventList/0")] = problem.what
    return found


@pytest.mark.shared
def test_every_invalid_document_of_the_corpus_is_refused_at_the_right_place(corpora: Path) -> None:
    places = {
        "Combination_of_non_standard_bizStep_and_disposition": {"0/bizStep", "1/disposition"},
        "ObjectEvent_with_ilmd_field_without_namespace": {"0/ilmd/materialType"},
        "ObjectEvent_with_invalid_action": {"0/action"},
        "ObjectEvent_with_invalid_certificationInfo": {"0/certificationInfo/0", "0/certificationInfo/1"},
        "ObjectEvent_with_invalid_eventTime_format": {"0/eventTime"},
        "ObjectEvent_with_non_standard_bizStep_in_second_event": {"1/bizStep"},
        "ObjectEvent_with_unknown_field_in_quantityList": {"0/quantityList/0/weight"},
        "ObjectEvent_without_action_and_eventTime": {"0/action", "0/eventTime", "0/eventTimeZoneOffset"},
    }
    documents = sorted((corpora / "epcis" / "capture-invalid").iterdir())
    assert {path.stem for path in documents} >= set(places)
    for path in documents:
        with pytest.raises(BadDocument) as refused:
            read_document(path.read_bytes(), source=path.name)
        if path.stem in places:
            found = {str(problem.where).partition("#/epcisBody/eventList/")[2] for problem in refused.value.problems}
            assert found == places[path.stem]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"eventTime": None}, "/eventTime"),
        ({"eventTime": "2026-04-17T09:26:42"}, "/eventTime"),  # no zone
        ({"eventTime": "2026-04-17"}, "/eventTime"),
        ({"eventTime": "2026-02-30T09:26:42Z"}, "/eventTime"),
        ({"eventTime": "17.04.2026 09:26"}, "/eventTime"),
        ({"eventTime": 1776432402}, "/eventTime"),
        ({"recordTime": "yesterday"}, "/recordTime"),
        ({"eventTimeZoneOffset": None}, "/eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+8"}, "/eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+0800"}, "/eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+15:00"}, "/eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "Asia/Shanghai"}, "/eventTimeZoneOffset"),
        ({"eventID": "event 1"}, "/eventID"),
        ({"certificationInfo": "certificate 7"}, "/certificationInfo"),
        ({"certificationInfo": {"gs1:agency": "x"}}, "/certificationInfo"),
        ({"bizStep": "transforming"}, "/bizStep"),
        ({"bizStep": "Shipping"}, "/bizStep"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:transforming"}, "/bizStep"),
        ({"bizStep": "https://ref.gs1.org/cbv/BizStep-transforming"}, "/bizStep"),
        ({"bizStep": "cbv:BizStep-transforming"}, "/bizStep"),
        ({"bizStep": "urn:epcglobal:cbv:disp:in_transit"}, "/bizStep"),
        ({"bizStep": ["shipping"]}, "/bizStep"),
        ({"bizStep": ""}, "/bizStep"),
        ({"disposition": "in_transport"}, "/disposition"),
        ({"persistentDisposition": {"set": ["broken"]}}, "/persistentDisposition/set/0"),
        ({"persistentDisposition": {"add": ["damaged"]}}, "/persistentDisposition/add"),
        ({"persistentDisposition": ["damaged"]}, "/persistentDisposition"),
        ({"readPoint": "geo:1,2"}, "/readPoint"),
        ({"readPoint": {}}, "/readPoint/id"),
        ({"readPoint": {"id": "gate 3"}}, "/readPoint/id"),
        ({"readPoint": {"id": "geo:1,2", "hall": "7"}}, "/readPoint/hall"),
        ({"bizLocation": {"id": "https://id.gs1.org/414/9521141123452"}}, "/bizLocation/id"),
        ({"bizTransactionList": [{"type": "order", "bizTransaction": "urn:x:1"}]}, "/bizTransactionList/0/type"),
        ({"bizTransactionList": [{"type": "po"}]}, "/bizTransactionList/0/bizTransaction"),
        ({"bizTransactionList": [{"bizTransaction": "PO 1"}]}, "/bizTransactionList/0/bizTransaction"),
        ({"bizTransactionList": ["urn:x:1"]}, "/bizTransactionList/0"),
        ({"sourceList": [{"source": "geo:1,2"}]}, "/sourceList/0/type"),
        ({"sourceList": [{"type": "owner", "source": "geo:1,2"}]}, "/sourceList/0/type"),
        ({"destinationList": [{"type": "location", "source": "geo:1,2"}]}, "/destinationList/0/source"),
        ({"errorDeclaration": {"reason": "did_not_occur"}}, "/errorDeclaration/declarationTime"),
        (
            {"errorDeclaration": {"declarationTime": "2026-04-18T00:00:00Z", "reason": "oops"}},
            "/errorDeclaration/reason",
        ),
        ({"weather": "rain"}, "/weather"),
        ({"far:weather": "rain"}, "/far:weather"),
        ({"@note": "rain"}, "/@note"),
        ({"_note": "rain"}, "/_note"),
        ({"type": "HarvestEvent"}, "/type"),
        ({"type": None}, "/type"),
    ],
)
def test_faults_of_any_event_are_refused_at_their_place(kind: str, changes: dict[str, Any], pointer: str) -> None:
    assert pointer in faults_of(an_event(kind, **changes))


def _sensor(**report: Any) -> dict[str, Any]:
    return {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.1, "uom": "CEL", **report}]}]}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        (_sensor(value="4.1"), "/sensorReport/0/value"),
        (_sensor(value=True), "/sensorReport/0/value"),
        (_sensor(type="Warmth"), "/sensorReport/0/type"),
        (_sensor(type="temperature"), "/sensorReport/0/type"),
        (_sensor(time="noon"), "/sensorReport/0/time"),
        (_sensor(deviceID="sensor 1"), "/sensorReport/0/deviceID"),
        (_sensor(booleanValue="true"), "/sensorReport/0/booleanValue"),
        (_sensor(hexBinaryValue="f0f"), "/sensorReport/0/hexBinaryValue"),
        (_sensor(component="w"), "/sensorReport/0/component"),
        (_sensor(exception="BROKEN"), "/sensorReport/0/exception"),
        (_sensor(accuracy=1), "/sensorReport/0/accuracy"),
        ({"sensorElementList": [{"sensorMetadata": {}}]}, "/sensorReport"),
        ({"sensorElementList": [{"sensorReport": []}]}, "/sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"value": 1}]}]}, "/sensorReport/0/type"),
        (
            {"sensorElementList": [{"sensorMetadata": {"maker": "x"}, "sensorReport": [{"type": "Speed"}]}]},
            "/sensorMetadata/maker",
        ),
        (
            {
                "sensorElementList": [
                    {
                        "sensorMetadata": {"startTime": "2026-04-17T10:00:00Z", "endTime": "2026-04-17T09:00:00Z"},
                        "sensorReport": [{"type": "Speed"}],
                    }
                ]
            },
            "/sensorMetadata/endTime",
        ),
    ],
)
def test_faults_of_sensor_data_are_refused(changes: dict[str, Any], pointer: str) -> None:
    assert f"/sensorElementList/0{pointer}" in faults_of(an_event(**changes))


@pytest.mark.parametrize(
    ("quantity", "field"),
    [
        ({"epcClass": LOT, "quantity": "150"}, "quantity"),
        ({"epcClass": LOT, "quantity": -1}, "quantity"),
        ({"epcClass": LOT, "quantity": None}, "quantity"),
        ({"epcClass": LOT, "quantity": True}, "quantity"),
        ({"epcClass": LOT, "uom": "KGM"}, "quantity"),
        ({"epcClass": LOT, "quantity": 1, "uom": "kilogram"}, "uom"),
        ({"epcClass": LOT, "quantity": 1, "uom": 7}, "uom"),
        ({"quantity": 1}, "epcClass"),
        ({"epcClass": "https://id.gs1.org/01/09521141012346/10/A", "quantity": 1}, "epcClass"),
        ({"epcClass": "urn:epc:class:lgtin:9521141.01234.A", "quantity": 1}, "epcClass"),
        ({"epcClass": LOT, "quantity": 1, "weight": 5}, "weight"),
        ({"epcClass": LOT, "quantity": 1, "example:grade": "A"}, "example:grade"),
    ],
)
def test_faults_of_quantities_are_refused_in_every_list(quantity: dict[str, Any], field: str) -> None:
    assert f"/quantityList/0/{field}" in faults_of(an_event(quantityList=[quantity]))
    assert f"/childQuantityList/0/{field}" in faults_of(an_event("AggregationEvent", childQuantityList=[quantity]))
    assert f"/inputQuantityList/0/{field}" in faults_of(an_event("TransformationEvent", inputQuantityList=[quantity]))


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (an_event(action=None), "/action"),
        (an_event(action="CREATE"), "/action"),
        (an_event(action="add"), "/action"),
        (an_event(epcList=None), "/epcList"),
        (an_event(epcList=[]), "/epcList"),
        (an_event(epcList=[ITEM, 7]), "/epcList/1"),
        (an_event(parentID=PALLET), "/parentID"),
        (an_event(ilmd={"example:grade": "A"}), "/ilmd"),  # with OBSERVE
        (an_event(action="ADD", ilmd={"grade": "A"}), "/ilmd/grade"),
        (an_event(action="ADD", ilmd="A"), "/ilmd"),
        (an_event("AggregationEvent", action=None), "/action"),
        (an_event("AggregationEvent", parentID=None), "/parentID"),
        (an_event("AggregationEvent", parentID="pallet 1"), "/parentID"),
        (an_event("AggregationEvent", childEPCs=None), "/childEPCs"),
        (an_event("AggregationEvent", epcList=[ITEM]), "/epcList"),
        (an_event("AggregationEvent", ilmd={"example:a": "b"}), "/ilmd"),
        (an_event("AssociationEvent", parentID=None), "/parentID"),
        (an_event("AssociationEvent", childEPCs=[]), "/childEPCs"),
        (an_event("TransactionEvent", bizTransactionList=None), "/bizTransactionList"),
        (an_event("TransactionEvent", bizTransactionList=[]), "/bizTransactionList"),
        (an_event("TransactionEvent", epcList=None), "/epcList"),
        (an_event("TransformationEvent", inputQuantityList=None), "/inputEPCList"),
        (an_event("TransformationEvent", outputEPCList=None), "/outputEPCList"),
        (an_event("TransformationEvent", action="ADD"), "/action"),
        (an_event("TransformationEvent", transformationID="batch 1"), "/transformationID"),
    ],
)
def test_what_a_kind_of_event_must_and_must_not_hold(event: dict[str, Any], pointer: str) -> None:
    assert pointer in faults_of(event)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"context": None}, "/@context"),
        ({"context": ["https://example.org/other.jsonld"]}, "/@context"),
        ({"context": []}, "/@context"),
        ({"schemaVersion": None}, "/schemaVersion"),
        ({"schemaVersion": 2.0}, "/schemaVersion"),
        ({"creationDate": None}, "/creationDate"),
        ({"creationDate": "today"}, "/creationDate"),
        ({"type": "EPCISMasterDataDocument"}, "/type"),
    ],
)
def test_faults_of_the_document_itself_are_refused(document: dict[str, Any], pointer: str) -> None:
    assert pointer in faults_of(an_event(), **document)


def test_a_document_without_events_is_refused() -> None:
    assert "/epcisBody/eventList" in faults_of()


def test_all_faults_are_told_at_once() -> None:
    found = faults_of(an_event(action="CREATE", bizStep="x", epcList=["y"]), an_event(eventTime="z"))
    assert set(found) == {"/action", "/bizStep", "/epcList/0", "/epcisBody/eventList/1/eventTime"}


def test_a_near_word_is_suggested() -> None:
    with pytest.raises(BadDocument, match="perhaps in_transit"):
        read_document(a_document(an_event(disposition="in_transport")), source="test")


def test_an_absurdly_deep_extension_is_refused() -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = {"example:a": deep}
    [what] = faults_of(an_event(**{"example:deep": deep})).values()
    assert "nests" in what


def test_one_bad_event_refuses_all_by_default_and_none_of_the_others_with_proceed() -> None:
    data = a_document(an_event(), an_event(action="CREATE"), an_event(eventTime="x", bizStep="y"), "no event")
    with pytest.raises(BadDocument, match="3 of 4 events"):
        read_document(data, source="test")
    document = read_document(data, source="test", behaviour="proceed")
    assert [event.position for event in document.events] == [0]
    assert [problem.values["position"] for problem in document.refused] == [1, 2, 3]
    both = document.refused[1]
    assert isinstance(both, BadDocument)
    assert all(isinstance(problem, BadInput) for problem in both.problems)
    assert len(both.problems) == 2


def test_proceed_does_not_excuse_a_document_that_cannot_be_read() -> None:
    with pytest.raises(BadDocument):
        read_document(a_document(an_event(), context=None), source="test", behaviour="proceed")


def test_a_bare_event_needs_its_own_context() -> None:
    import json

    with pytest.raises(BadDocument, match="@context"):
        read_document(json.dumps(an_event()).encode(), source="test")
    bare = json.dumps({"@context": GS1, **an_event()}).encode()
    assert len(read_document(bare, source="test").events) == 1
