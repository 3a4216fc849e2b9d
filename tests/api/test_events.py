"""Who may see what an event says, and the salt that opens it."""

from __future__ import annotations

import json

import pytest
from api_scene import Served
from test_capture import FARM, a_document, a_harvest

from ledger.trace.epcis import read_document


@pytest.fixture
def event(served: Served) -> str:
    """Said by the cooler, of the farm's place; about a lot without item codes."""
    (event_hash,) = served.scene.state("cooler", json.dumps(a_document(a_harvest())).encode())
    return event_hash


def test_unknown_event_is_not_found(served: Served) -> None:
    assert served.get(f"/events/{'0' * 64}").status_code == 404
    assert served.get("/events/nonsense").status_code == 422


def test_stranger_learns_who_and_when_but_neither_content_nor_salt(served: Served, event: str) -> None:
    for asking in (None, "bank"):
        said = served.get(f"/events/{event}", as_=asking).json()
        assert said["sealed"] is True
        assert "event" not in said
        (statement,) = said["statements"]
        assert (statement["member"], statement["salt"]) == ("cooler", None)
        assert statement["block"] > 0


@pytest.mark.parametrize("slug", ["cooler", "farm"])
def test_signer_and_holder_of_a_place_it_names_see_all(served: Served, event: str, slug: str) -> None:
    said = served.get(f"/events/{event}", as_=slug).json()
    assert said["sealed"] is False
    assert said["event"]["readPoint"]["id"] == FARM
    assert len(said["statements"][0]["salt"]) == 64


def test_event_on_the_way_to_a_lot_with_codes_is_public(lettuce: Served, corpora: object) -> None:
    journey = lettuce.get("/trace?lot=ABC1234&gtin=00860009999923").json()
    first = journey["steps"][0]["accounts"][0]["event_hash"]
    said = lettuce.get(f"/events/{first}").json()
    assert said["sealed"] is False
    assert said["statements"][0]["salt"]
    document = json.dumps(a_document(said["event"])).encode()
    assert read_document(document, source="answer").events[0].hash.hex == first


def test_decimals_come_back_as_they_were_said(served: Served) -> None:
    text = json.dumps(a_document(a_harvest())).replace('"quantity": 250', '"quantity": 0.10')
    (event_hash,) = served.scene.state("farm", text.encode())
    assert '"quantity":0.10' in served.get(f"/events/{event_hash}", as_="farm").text.replace(" ", "")
