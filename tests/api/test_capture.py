"""EPCIS capture: in the member's name, checked, idempotent by content, followed to the chain."""

from __future__ import annotations

import json
from typing import Any

from api_scene import LETTUCE, SALAD, Served
from sqlalchemy import func, select

from ledger.store.schema import capture_job, outbox

FARM = "https://id.gs1.org/414/0860009999060"


def a_document(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-17T10:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def a_harvest(lot: str = "L1", **other: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "action": "ADD",
        "eventTime": "2026-04-17T09:26:42+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "creating_class_instance",
        "readPoint": {"id": FARM},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{LETTUCE}/10/{lot}", "quantity": 250, "uom": "KGM"}],
        **other,
    }


def nothing_written(served: Served) -> bool:
    with served.scene.ledger.engine.connect() as connection:
        return not any(
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (capture_job, outbox)
        )


def test_nobody_captures_without_a_session(served: Served) -> None:
    assert served.post("/epcis/capture", json=a_document(a_harvest())).status_code == 401
    assert nothing_written(served)


def test_member_without_an_evidence_role_cannot_capture(served: Served) -> None:
    answer = served.post("/epcis/capture", as_="bank", json=a_document(a_harvest()))
    assert answer.status_code == 403
    assert "may not record" in answer.json()["detail"]
    assert nothing_written(served)


def test_json_that_does_not_parse_is_told_with_its_place(served: Served) -> None:
    answer = served.post("/epcis/capture", as_="farm", content=b'{"type": "EPCISDocument",')
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert answer.json()["where"]
    assert nothing_written(served)


def test_body_that_is_empty_is_told(served: Served) -> None:
    assert served.post("/epcis/capture", as_="farm", content=b"").status_code == 400


def test_one_bad_event_rolls_all_back(served: Served) -> None:
    bad = a_harvest("L2", eventTime="yesterday")
    answer = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest(), bad))
    assert answer.status_code == 400
    assert any("eventTime" in problem.get("where", "") for problem in answer.json().get("problems", [answer.json()]))
    assert nothing_written(served)


def test_unknown_error_behaviour_is_refused(served: Served) -> None:
    headers = {"GS1-Capture-Error-Behaviour": "ignore"}
    answer = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest()), headers=headers)
    assert answer.status_code == 422
    assert nothing_written(served)


def test_proceed_takes_the_good_ones_and_lists_the_bad(served: Served) -> None:
    headers = {"GS1-Capture-Error-Behaviour": "proceed"}
    document = a_document(a_harvest(), a_harvest("L2", eventTime="yesterday"))
    answer = served.post("/epcis/capture", as_="farm", json=document, headers=headers)
    assert answer.status_code == 202
    job = served.get(answer.headers["location"], as_="farm").json()
    assert (job["accepted"], job["repeated"], len(job["errors"])) == (1, 0, 1)
    assert (job["captureErrorBehaviour"], job["success"]) == ("proceed", False)


def test_job_that_took_nothing_was_no_success(served: Served) -> None:
    headers = {"GS1-Capture-Error-Behaviour": "proceed"}
    bad = a_document(a_harvest(eventTime="yesterday"))
    job = served.post("/epcis/capture", as_="farm", json=bad, headers=headers).json()
    assert (job["accepted"], job["running"], job["success"]) == (0, False, False)


def test_accepted_document_has_a_job_that_follows_its_statements(served: Served) -> None:
    answer = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest()))
    assert answer.status_code == 202
    location = answer.headers["location"]
    job = served.get(location, as_="farm").json()
    assert (job["running"], job["success"]) == (True, True)
    (event,) = job["events"]
    assert (event["outcome"], event["chain"]["state"]) == ("accepted", "queued")
    block = served.scene.record_queued()
    (event,) = served.get(location, as_="farm").json()["events"]
    assert (event["chain"]["state"], event["chain"]["block"]) == ("recorded", block)
    assert served.get(location, as_="farm").json()["running"] is False


def test_refused_transaction_is_told_in_a_sentence(served: Served) -> None:
    location = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest())).headers["location"]
    served.scene.refuse_queued("Member 1 is suspended.")
    job = served.get(location, as_="farm").json()
    assert (job["success"], job["events"][0]["chain"]["error"]) == (False, "Member 1 is suspended.")


def test_job_is_its_members_alone(served: Served) -> None:
    location = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest())).headers["location"]
    assert served.get(location).status_code == 401
    assert served.get(location, as_="cooler").status_code == 404


def test_repeat_changes_nothing_and_says_so(served: Served) -> None:
    first = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest()))
    again = served.post("/epcis/capture", as_="farm", content=json.dumps(a_document(a_harvest()), indent=3))
    assert (first.json()["accepted"], again.json()["accepted"], again.json()["repeated"]) == (1, 0, 1)
    with served.scene.ledger.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 1


def test_another_members_statement_of_the_same_event_is_a_second_one(served: Served) -> None:
    served.post("/epcis/capture", as_="farm", json=a_document(a_harvest()))
    answer = served.post("/epcis/capture", as_="cooler", json=a_document(a_harvest()))
    assert answer.json()["accepted"] == 1


def test_xml_document_is_captured_as_well(served: Served) -> None:
    xml = f"""<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0"
      creationDate="2026-04-17T10:00:00Z"><EPCISBody><EventList><ObjectEvent>
      <eventTime>2026-04-17T09:26:42+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset><epcList/>
      <action>ADD</action><bizStep>commissioning</bizStep><readPoint><id>{FARM}</id></readPoint>
      <extension/><quantityList><quantityElement><epcClass>https://id.gs1.org/01/{SALAD}/10/X</epcClass>
      <quantity>5</quantity></quantityElement></quantityList></ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"""
    headers = {"Content-Type": "application/xml"}
    answer = served.post("/epcis/capture", as_="farm", content=xml.encode(), headers=headers)
    assert answer.status_code == 202, answer.text


def test_signer_that_is_away_leaves_nothing_half_written(served: Served) -> None:
    served.lose_signer()
    answer = served.post("/epcis/capture", as_="farm", json=a_document(a_harvest()))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert nothing_written(served)
