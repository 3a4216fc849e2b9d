"""EPCIS 2.0 query: the standard's parameters over events that a member may see, page by page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_scene import LETTUCE, SALAD, Served
from test_capture import FARM, a_document, a_harvest

COLD = {
    "sensorMetadata": {"deviceID": "https://id.gs1.org/8004/4000001111"},
    "sensorReport": [{"type": "Temperature", "value": 3.5, "uom": "CEL", "time": "2026-04-17T05:00:00Z"}],
}


def events_of(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["type"] == "EPCISQueryDocument"
    events: list[dict[str, Any]] = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return events


def ask(served: Served, as_: str = "farm", **said: Any) -> list[dict[str, Any]]:
    return events_of(served.ask("GET", "/epcis/events", as_=as_, params=said))


@pytest.fixture
def harvested(served: Served) -> Served:
    """Three harvests of the farm, one of them measured, and a shipment that names the cooler."""
    ilmd = {"example:grower": "Li Wei", "example:rows": {"example:count": 12}}
    shipped = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2026-04-18T06:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "eventID": "urn:uuid:3c1b1f60-1f0f-4b8c-9f5c-1f2e3d4c5b6a",
        "readPoint": {"id": FARM},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/L1", "quantity": 40, "uom": "KGM"}],
        "bizTransactionList": [{"type": "po", "bizTransaction": "https://shop.example/po/7"}],
        "destinationList": [{"type": "location", "destination": "https://id.gs1.org/414/0860009999077"}],
    }
    document = a_document(
        a_harvest("L1", ilmd=ilmd),
        a_harvest("L2", eventTime="2026-04-17T12:00:00+08:00", sensorElementList=[COLD]),
        a_harvest("L3", eventTime="2026-04-19T12:00:00+08:00"),
        shipped,
    )
    document["@context"].append({"example": "https://farm.example/ns/"})
    served.scene.state("farm", json.dumps(document).encode())
    return served


def lots(events: list[dict[str, Any]]) -> list[str]:
    return [event["quantityList"][0]["epcClass"].rsplit("/", 1)[1] for event in events]


def test_nobody_asks_without_a_session(served: Served) -> None:
    for path in ("/epcis/events", "/epcis/bizSteps", "/epcis/eventTypes/ObjectEvent/events"):
        assert served.get(path).status_code == 401


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"GE_eventDate": "2026-01-01T00:00:00Z"}, "GE_eventDate"),
        ({"GE_eventTime": "not-a-date"}, "GE_eventTime"),
        ({"EQ_action": "SHIPPED"}, "EQ_action"),
        ({"orderDirection": "SIDEWAYS"}, "orderDirection"),
        ({"eventType": "WeatherEvent"}, "eventType"),
        ({"GE_quantity": "many"}, "GE_quantity"),
        ({"EQ_readPoint": "field three"}, "EQ_readPoint"),
        ({"MATCH_epc": "urn:epc:id:sgtin:1.2"}, "MATCH_epc"),
        ({"eventCountLimit": "0"}, "eventCountLimit"),
    ],
)
def test_wrong_parameter_is_refused_by_its_name(served: Served, said: dict[str, str], named: str) -> None:
    answer = served.ask("GET", "/epcis/events", as_="farm", params=said)
    assert answer.status_code == 400
    assert named in json.dumps(answer.json())


def test_all_faults_of_a_query_are_told_at_once(served: Served) -> None:
    answer = served.ask("GET", "/epcis/events", as_="farm", params={"GE_eventTime": "x", "EQ_action": "SHIPPED"})
    assert len(answer.json()["problems"]) == 2


def test_page_token_of_somebody_else_is_refused(served: Served) -> None:
    answer = served.ask("GET", "/epcis/events", as_="farm", params={"nextPageToken": "nonsense"})
    assert answer.status_code == 400


def test_newest_comes_first_unless_asked_otherwise(harvested: Served) -> None:
    assert lots(ask(harvested)) == ["L3", "L1", "L2", "L1"]
    assert lots(ask(harvested, orderBy="eventTime", orderDirection="ASC")) == ["L1", "L2", "L1", "L3"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"EQ_bizStep": "shipping"}, ["L1"]),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}, ["L1"]),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:shipping|receiving"}, ["L1"]),
        ({"EQ_disposition": "in_transit"}, ["L1"]),
        ({"EQ_action": "ADD"}, ["L3", "L2", "L1"]),
        ({"GE_eventTime": "2026-04-18T06:00:00+08:00"}, ["L3", "L1"]),
        ({"LT_eventTime": "2026-04-17T12:00:00+08:00"}, ["L1"]),
        ({"MATCH_anyEPCClass": f"https://id.gs1.org/01/{LETTUCE}/10/L2"}, ["L2"]),
        ({"MATCH_epcClass": f"https://id.gs1.org/01/{LETTUCE}"}, ["L3", "L1", "L2", "L1"]),
        ({"MATCH_anyEPC": f"https://id.gs1.org/01/{LETTUCE}/10/L2"}, []),
        ({"EQ_quantity": "250.0"}, ["L3", "L2", "L1"]),
        ({"LT_quantity_KGM": "100"}, ["L1"]),
        ({"LT_quantity_CEL": "100"}, []),
        ({"EQ_readPoint": "urn:epc:id:sgln:086000999.906.0"}, ["L3", "L1", "L2", "L1"]),
        ({"EQ_bizTransaction_po": "https://shop.example/po/7"}, ["L1"]),
        ({"EQ_bizTransaction_inv": "https://shop.example/po/7"}, []),
        ({"EQ_destination_location": "https://id.gs1.org/414/0860009999077"}, ["L1"]),
        ({"EQ_eventID": "urn:uuid:3c1b1f60-1f0f-4b8c-9f5c-1f2e3d4c5b6a"}, ["L1"]),
        ({"EXISTS_sensorElementList": ""}, ["L2"]),
        ({"LT_value_CEL": "4"}, ["L2"]),
        ({"GT_value_CEL": "4"}, []),
        ({"EQ_type": "gs1:Temperature"}, ["L2"]),
        ({"EQ_deviceID": "urn:epc:id:giai:400000.1111"}, ["L2"]),
        ({"EQ_ILMD_https://farm.example/ns/grower": "Li Wei"}, ["L1"]),
        ({"EXISTS_INNER_ILMD_https://farm.example/ns/count": ""}, ["L1"]),
        ({"GE_INNER_ILMD_https://farm.example/ns/count": "13"}, []),
        ({"EQ_bizStep": "shipping", "EQ_action": "ADD"}, []),
    ],
)
def test_parameter_finds_what_it_names(harvested: Served, said: dict[str, str], found: list[str]) -> None:
    assert lots(ask(harvested, **said)) == found


def test_pages_follow_one_another_without_gap_or_repeat(harvested: Served) -> None:
    path: str | None = "/epcis/events?perPage=1&EQ_action=ADD"
    seen = []
    while path:
        answer = harvested.get(path, as_="farm")
        seen += lots(events_of(answer))
        link = answer.headers.get("Link")
        assert link is None or (link.endswith('rel="next"') and "GS1-Next-Page-Token-Expires" in answer.headers)
        path = link[1 : link.index(">")] if link else None
    assert seen == ["L3", "L2", "L1"]


def test_limit_ends_the_result_and_maximum_refuses_it(harvested: Served) -> None:
    assert lots(ask(harvested, eventCountLimit="2")) == ["L3", "L1"]
    answer = harvested.ask("GET", "/epcis/events", as_="farm", params={"maxEventCount": "2"})
    assert answer.status_code == 413
    assert len(ask(harvested, maxEventCount="4")) == 4


def test_event_comes_with_record_time_id_and_the_prefixes_of_its_document(harvested: Served) -> None:
    answer = harvested.get(
        "/epcis/events?MATCH_epcClass=https://id.gs1.org/01/00860009999923/10/L1&EQ_action=ADD", as_="farm"
    )
    (event,) = events_of(answer)
    assert event["eventID"].startswith("ni:///sha-256;")
    assert event["recordTime"].endswith("Z")
    assert {"example": "https://farm.example/ns/"} in answer.json()["@context"]
    one = harvested.get(f"/epcis/events/{quote(event['eventID'], safe='')}", as_="farm")
    assert one.json()["ilmd"]["example:grower"] == "Li Wei"
    assert harvested.get("/epcis/events/ni%3A%2F%2F%2Fsha-256%3B00%3Fver%3DCBV2.0", as_="farm").status_code == 404


def test_member_whose_place_is_named_sees_the_whole_event(harvested: Served) -> None:
    (event,) = ask(harvested, "cooler", EQ_bizStep="shipping")
    assert event["quantityList"][0]["quantity"] == 40


def test_stranger_sees_nothing(harvested: Served) -> None:
    assert ask(harvested, "distributor") == []


def test_what_lies_downstream_is_seen_without_quantities_and_partners(harvested: Served) -> None:
    made = {
        "type": "TransformationEvent",
        "eventTime": "2026-04-20T06:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "commissioning",
        "readPoint": {"id": "https://id.gs1.org/414/0860009998018"},
        "inputQuantityList": [{"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/L1", "quantity": 30, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": f"https://id.gs1.org/01/{SALAD}/10/S1", "quantity": 90}],
        "sourceList": [{"type": "owning_party", "source": "https://id.gs1.org/417/0860009998001"}],
    }
    harvested.scene.state("processor", json.dumps(a_document(made)).encode())
    (event,) = ask(harvested, "farm", eventType="TransformationEvent")
    assert event["outputQuantityList"] == [{"epcClass": f"https://id.gs1.org/01/{SALAD}/10/S1"}]
    assert "sourceList" not in event
    assert ask(harvested, "farm", EQ_quantity="90") == []  # nor can it be found out by asking
    (whole,) = ask(harvested, "processor", eventType="TransformationEvent")
    assert whole["outputQuantityList"][0]["quantity"] == 90


def test_top_level_resources_lead_to_events(harvested: Served) -> None:
    assert harvested.get("/epcis/bizSteps", as_="farm").json()["member"] == ["creating_class_instance", "shipping"]
    assert FARM in harvested.get("/epcis/readPoints", as_="farm").json()["member"]
    assert lots(events_of(harvested.get("/epcis/bizSteps/shipping/events", as_="farm"))) == ["L1"]
    lot = quote(f"https://id.gs1.org/01/{LETTUCE}/10/L2", safe="")
    assert harvested.get(f"/epcis/epcs/{lot}", as_="farm").json()["member"] == ["events"]
    assert lots(events_of(harvested.get(f"/epcis/epcs/{lot}/events", as_="farm"))) == ["L2"]
    assert len(events_of(harvested.get("/epcis/eventTypes/ObjectEvent/events", as_="farm"))) == 4
    assert harvested.get("/epcis/eventTypes/WeatherEvent/events", as_="farm").status_code == 404
    assert harvested.get("/epcis/weather", as_="farm").status_code == 404


def test_one_event_is_captured_alone_and_once(served: Served) -> None:
    event = {"@context": a_document()["@context"], **a_harvest("L9")}
    first = served.post("/epcis/events", as_="farm", json=event)
    assert first.status_code == 201
    assert first.headers["Location"].startswith("/epcis/events/ni%3A")
    served.scene.record_queued()
    assert served.get(first.headers["Location"], as_="farm").json()["bizStep"] == "creating_class_instance"
    assert served.post("/epcis/events", as_="farm", json=event).status_code == 200
    assert served.post("/epcis/events", as_="farm", json=a_document(a_harvest("L9"))).status_code == 400


def test_query_documents_of_others_are_read_as_they_should(corpora: Path) -> None:
    from ledger.errors import BadDocument
    from ledger.trace.query import read_query

    folder = corpora / "epcis/query"
    query = read_query(json.loads((folder / "SimpleEventQuery.json").read_text()))
    assert (query.limit, query.direction) == (100, "DESC")
    for name in ("Query_with_invalid_values.json", "Query_with_unknown_parameter.json"):
        with pytest.raises(BadDocument):
            read_query(json.loads((folder / name).read_text()))
