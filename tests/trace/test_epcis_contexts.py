"""JSON-LD contexts: known without a network, never fetched; what only an unknown one could define is refused."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from epcis_builders import GS1, ITEM, a_document, an_event, an_xml_document, an_xml_event

from ledger.errors import BadDocument
from ledger.trace.epcis import read_document
from ledger.trace.event_hash import hashes_of_document

UNKNOWN = "https://ref.openepcis.io/extensions/us/fsma204/fsma204-context.jsonld"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a context was fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize(
    "event",
    [
        an_event(tlcSource="x"),
        an_event(action="ADD", ilmd={"tlcSource": "x"}),
        an_event(readPoint={"id": "geo:1,2", "tlcSource": "x"}),
        an_event(**{"example:a": {"tlcSource": "x"}}),
        an_event(**{"example:a": [{"example:b": {"tlcSource": "x"}}]}),
    ],
)
def test_a_bare_term_that_only_an_unknown_context_could_define_is_refused(event: dict[str, Any]) -> None:
    context = [GS1, UNKNOWN, {"example": "https://ns.example.com/"}]
    with pytest.raises(BadDocument, match="not shipped here") as refused:
        read_document(a_document(event, context=context), source="test")
    [problem] = refused.value.problems
    assert "tlcSource" in problem.what
    assert UNKNOWN in problem.what


def test_a_prefixed_term_of_an_unknown_context_stays_as_it_is() -> None:
    [event] = read_document(
        a_document(an_event(**{"usfsma:tlcSource": "x"}), context=[GS1, UNKNOWN]), source="test"
    ).events
    assert event.body["usfsma:tlcSource"] == "x"
    assert event.hash.prehash.endswith("usfsma:tlcSource=x")


def test_words_of_the_epcis_context_may_stand_inside_an_extension() -> None:
    about = {"id": ITEM, "type": "gs1:Product", "gs1:productName": "Romaine"}
    data = a_document(an_event(**{"gs1:masterDataAvailableFor": [about]}), context=[GS1, UNKNOWN])
    assert read_document(data, source="test").events


def test_without_an_unknown_context_a_prefix_must_be_declared() -> None:
    with pytest.raises(BadDocument, match="'usfsma' of 'usfsma:tlcSource' is not declared"):
        read_document(a_document(an_event(**{"usfsma:tlcSource": "x"})), source="test")


@pytest.mark.parametrize(
    "url",
    [
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "http://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    ],
)
def test_the_context_of_gs1_is_known_with_and_without_a_version(url: str) -> None:
    for context in (url, [url], [url, {"example": "https://ns.example.com/"}]):
        assert read_document(a_document(an_event(), context=context), source="test").events


def test_prefixes_of_the_gs1_context_need_no_declaration() -> None:
    event = an_event(action="ADD", ilmd={"cbvmda:lotNumber": "A", "gs1:bestBeforeDate": "2026-04-27"})
    [read] = read_document(a_document(event, context=[GS1]), source="test").events
    assert "{urn:epcglobal:cbv:mda:}lotNumber=A" in read.hash.prehash
    assert "{https://gs1.org/voc/}bestBeforeDate=2026-04-27" in read.hash.prehash


def test_an_event_may_declare_prefixes_of_its_own() -> None:
    event = an_event(**{"@context": [{"own": "https://own.example/"}], "own:note": "x"})
    other = an_event(**{"own:note": "x"})
    [read] = read_document(a_document(event), source="test").events
    assert read.hash.prehash.endswith("{https://own.example/}note=x")
    with pytest.raises(BadDocument, match="eventList/1"):
        read_document(a_document(event, other), source="test")


def test_a_term_that_is_defined_inline_may_stand_bare() -> None:
    context = [GS1, {"grade": "https://ns.example.com/grade"}]
    assert read_document(a_document(an_event(action="ADD", ilmd={"grade": "A"}), context=context), source="test").events


def test_inside_an_extension_bare_terms_are_free_while_no_unknown_context_is_named() -> None:
    event = an_event(**{"example:a": {"inner": {"tag": "1"}}})
    assert read_document(a_document(event), source="test").events


@pytest.mark.parametrize("context", [7, [GS1, 7], [GS1, {"a": None}], [GS1, {"a": {"@type": "@id"}}], {"a": ""}])
def test_a_context_that_is_none_is_refused(context: Any) -> None:
    with pytest.raises(BadDocument):
        read_document(a_document(an_event(), context=context), source="test")


def test_a_curie_is_its_uri_in_json_and_in_xml() -> None:
    reports = [{"sensorReport": [{"type": "example:Strain", "value": 1}]}]
    [from_json] = hashes_of_document(
        a_document(an_event(sensorElementList=reports), context=[GS1, {"example": "https://ns.example.com/epcis/"}]),
        "t",
    )
    xml = an_xml_event(
        "<sensorElementList><sensorElement>"
        '<sensorReport type="example:Strain" value="1"/></sensorElement></sensorElementList>'
    )
    [from_xml] = hashes_of_document(an_xml_document(xml), "t")
    assert "type=https://ns.example.com/epcis/Strain" in from_json.prehash
    assert from_json == from_xml


def test_comments_outside_the_events_are_left_aside() -> None:
    data = a_document(an_event(), **{"_comment_mapping": ["free text"], "note": {"a": 1}})
    [event] = read_document(data, source="test").events
    assert event.items[0].epc.canonical == ITEM
