"""What a good document says: the events in order, with their parts in the forms that the ledger keeps."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from epcis_builders import ITEM, LOT, PALLET, PLACE, a_document, an_event, an_xml_document, an_xml_event

from ledger.trace.epcis import body_from_text, body_text, read_document
from ledger.trace.gs1 import parse_epc


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["capture-valid", "fsma204", "event-hash", "event-hash-equal"])
def test_every_valid_document_of_the_corpus_is_accepted(corpora: Path, folder: str) -> None:
    documents = [p for p in sorted((corpora / "epcis" / folder).iterdir()) if p.suffix in (".json", ".jsonld", ".xml")]
    assert documents
    for path in documents:
        document = read_document(path.read_bytes(), source=path.name)
        assert document.events, path.name
        assert [event.position for event in document.events] == list(range(len(document.events)))
        for event in document.events:
            assert body_from_text(body_text(event.body)) == event.body


@pytest.mark.shared
def test_the_packing_of_the_lettuce_reads_as_it_was_said(corpora: Path) -> None:
    path = corpora / "epcis" / "fsma204" / "initial-packing-cte.jsonld"
    events = read_document(path.read_bytes(), source=path.name).events
    packing = events[-1]
    assert (packing.event_type, packing.biz_step, packing.disposition) == (
        "TransformationEvent",
        "creating_class_instance",
        "active",
    )
    assert (packing.event_time, packing.time_zone_offset) == ("2026-04-18T14:26:42.000Z", "-04:00")
    assert [(item.role, item.epc.lot_key, item.quantity, item.uom) for item in packing.items] == [
        ("input", "00860009999923/ABC1234", "25000", "LBR"),
        ("output", "10860009999920/ABC1234", "500", "CS"),
    ]
    assert packing.read_point is not None
    assert packing.read_point.gln == "0860009999992"
    assert packing.biz_transactions == (("prodorder", "urn:epcglobal:cbv:bt:0860009999992:PACK-20260418-042"),)
    cooling = events[-2]
    assert cooling.sensors
    assert cooling.measured_by_device
    assert [(report.type, report.value, report.uom) for report in cooling.sensor_reports] == [
        ("Temperature", "36", "FAH")
    ]


def test_quantities_stay_exactly_as_they_were_said() -> None:
    data = a_document(an_event(quantityList=[{"epcClass": LOT, "quantity": 7, "uom": "KGM"}]))
    [event] = read_document(data.replace(b'"quantity": 7', b'"quantity": 25000.10'), source="test").events
    assert event.items[-1].quantity == "25000.10"
    assert event.body["quantityList"][0]["quantity"] == Decimal("25000.10")
    assert '"quantity":25000.10' in body_text(event.body)


def test_items_are_numbered_with_their_roles() -> None:
    aggregation = an_event(
        "AggregationEvent", childQuantityList=[{"epcClass": LOT, "quantity": 25}], readPoint={"id": PLACE}
    )
    [event] = read_document(a_document(aggregation), source="test").events
    assert [(item.ordinal, item.role, item.epc.canonical, item.quantity) for item in event.items] == [
        (0, "parent", PALLET, None),
        (1, "child", ITEM, None),
        (2, "child", LOT, "25"),
    ]
    assert event.read_point == parse_epc(PLACE)
    assert event.biz_location is None


def test_words_are_kept_bare_and_own_words_as_uris() -> None:
    document = read_document(
        a_document(
            an_event(bizStep="urn:epcglobal:cbv:bizstep:shipping", disposition="cbv:Disp-in_transit"),
            an_event(bizStep="https://example.com/steps/peeling", disposition="example:peeled"),
        ),
        source="test",
    )
    assert [(event.biz_step, event.disposition) for event in document.events] == [
        ("shipping", "in_transit"),
        ("https://example.com/steps/peeling", "https://ns.example.com/epcis/peeled"),
    ]


def test_a_report_takes_time_and_device_from_its_metadata() -> None:
    element = {
        "sensorMetadata": {"time": "2026-04-17T15:00:00+02:00", "deviceID": "urn:epc:id:giai:4000001.111"},
        "sensorReport": [
            {"type": "gs1:Temperature", "value": 4.10, "uom": "CEL"},
            {"type": "Temperature", "maxValue": 5, "time": "2026-04-17T14:00:00Z", "deviceID": "urn:x:7"},
        ],
    }
    [event] = read_document(a_document(an_event(sensorElementList=[element])), source="test").events
    first, second = event.sensor_reports
    assert (first.type, first.value, first.time, first.device_id) == (
        "Temperature",
        "4.1",
        "2026-04-17T13:00:00.000Z",
        "urn:epc:id:giai:4000001.111",
    )
    assert (second.max_value, second.time, second.device_id) == ("5", "2026-04-17T14:00:00.000Z", "urn:x:7")


@pytest.mark.parametrize(
    "event",
    [
        an_event(epcList=[], quantityList=[{"epcClass": LOT}]),
        an_event(epcList=None, sensorElementList=[{"sensorReport": [{"type": "Speed", "value": 1}]}]),
        an_event("AggregationEvent", action="DELETE", childEPCs=None),
        an_event("AggregationEvent", action="OBSERVE", parentID=None),
        an_event("AssociationEvent", action="DELETE", childEPCs=None),
        an_event("TransactionEvent", action="DELETE", epcList=None),
        an_event("TransactionEvent", epcList=None, parentID=PALLET),
        an_event("TransformationEvent", outputEPCList=None, transformationID="urn:epc:id:gdti:4012345.55555.1"),
        an_event(certificationInfo=["https://example.com/1", "https://example.com/2"]),
        an_event(**{"rdfs:comment": "said aside"}),
        an_event(type="epcis:ObjectEvent"),
        an_event(epcList=ITEM),
        an_event(**{"https://ns.example.com/note": "x", "example:empty": {}}),
        an_event(eventTimeZoneOffset="+14:00", eventTime="2026-12-31T23:59:59.99999Z"),
    ],
)
def test_what_epcis_allows_is_accepted(event: dict[str, object]) -> None:
    [read] = read_document(a_document(event), source="test").events
    assert read.event_type.endswith("Event")
    assert ":" not in read.event_type


def test_xml_reads_as_json_does() -> None:
    quantity = (
        f"<quantityList><quantityElement><epcClass>{LOT}</epcClass><quantity>12.50</quantity><uom>KGM</uom>"
        "</quantityElement></quantityList>"
    )
    data = an_xml_document(an_xml_event(f"<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>{quantity}"))
    in_json = an_event(bizStep="shipping", quantityList=[{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}])
    [from_xml] = read_document(data, source="test").events
    [from_json] = read_document(a_document(in_json), source="test").events
    assert from_xml.hash == from_json.hash
    assert from_xml.biz_step == "shipping"
    assert [item.epc for item in from_xml.items] == [item.epc for item in from_json.items]
    assert from_xml.items[-1].quantity == "12.50"


def test_faults_in_xml_are_found_as_in_json() -> None:
    bad = an_xml_event("<bizStep>urn:epcglobal:cbv:bizstep:peeling</bizStep><weather>rain</weather>")
    refused = read_document(an_xml_document(an_xml_event() + bad), source="test", behaviour="proceed").refused
    [problem] = refused
    assert "peeling" in str(problem)
    assert "weather" in str(problem)
    assert "/epcisBody/eventList/1/bizStep" in str(problem)


def test_one_namespace_under_two_prefixes_is_one_name() -> None:
    twice = (
        an_xml_event('<a:note xmlns:a="https://ns.example.com/">x</a:note>')
        + an_xml_event('<b:note xmlns:b="https://ns.example.com/">x</b:note>')
        + an_xml_event('<a:note xmlns:a="https://ns.example.org/">x</a:note>')
    )
    first, second, third = read_document(an_xml_document(twice), source="test").events
    assert first.hash == second.hash
    assert first.hash != third.hash
