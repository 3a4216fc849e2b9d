"""The rules of the CBV 2.0 event hash: what must not change it, and what must."""

from __future__ import annotations

from typing import Any

import pytest
from epcis_builders import GS1, ITEM, LOT, OTHER_ITEM, a_document, an_event, an_xml_document, an_xml_event

from ledger.errors import BadDocument
from ledger.trace.epcis import read_document
from ledger.trace.event_hash import event_hash, hashes_of_document


def prehash_of(event: Any, **document: Any) -> str:
    [found] = hashes_of_document(a_document(event, **document), "test")
    return found.prehash


def same(*events: dict[str, Any]) -> bool:
    return len({prehash_of(event) for event in events}) == 1


@pytest.mark.parametrize(
    "data", [b"", b"  ", b"{", b"<a>", b"[]", b"7", b'"x"', b"{}", b'{"type": "EPCISDocument"}', b"\xff\xfe\xfd"]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(BadDocument):
        hashes_of_document(data, "test")


def test_a_hash_is_a_named_information_uri_of_the_prehash() -> None:
    [found] = hashes_of_document(a_document(an_event()), "test")
    assert found.ni == f"ni:///sha-256;{found.hex}?ver=CBV2.0"
    assert found.prehash.startswith("eventType=ObjectEventeventTime=2026-04-17T13:26:42.000ZeventTimeZoneOffset=-04:00")


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2026-04-17T09:26:43-04:00"},
        {"eventTimeZoneOffset": "-05:00"},
        {"action": "ADD"},
        {"epcList": [OTHER_ITEM]},
        {"bizStep": "shipping"},
        {"quantityList": [{"epcClass": LOT, "quantity": 1}]},
        {"readPoint": {"id": "geo:1,2"}},
        {"certificationInfo": "https://example.com/c/1"},
        {"example:note": "x"},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 1}]}]},
    ],
)
def test_any_change_of_content_changes_the_hash(change: dict[str, Any]) -> None:
    assert not same(an_event(), an_event(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"eventID": "urn:uuid:1"},
        {"recordTime": "2026-04-18T00:00:00Z"},
        {"errorDeclaration": {"declarationTime": "2026-04-18T00:00:00Z", "example:x": "y"}},
        {"rdfs:comment": "said aside"},
        {"@context": {"other": "https://example.org/"}},
        {"eventTime": "2026-04-17T13:26:42.0004Z"},
        {"epcList": [f" {ITEM} "]},
        {"epcList": ["urn:epc:id:sgtin:9521141.001234.2017"]},
        {"epcList": ["https://shop.example.com/gtin/9521141012345/lot/7/ser/2017?x=1"]},
        {"quantityList": []},
    ],
)
def test_what_is_no_content_or_only_form_does_not_change_it(change: dict[str, Any]) -> None:
    assert same(an_event(), an_event(**change))


@pytest.mark.parametrize(
    "form",
    ["urn:epcglobal:cbv:bizstep:shipping", "cbv:BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping"],
)
def test_a_standard_word_hashes_alike_in_all_its_forms(form: str) -> None:
    assert same(an_event(bizStep="shipping"), an_event(bizStep=form))


def test_order_does_not_matter_in_lists_nor_among_fields() -> None:
    transactions = [{"type": "po", "bizTransaction": "urn:x:1"}, {"type": "inv", "bizTransaction": "urn:x:2"}]
    event = an_event(epcList=[ITEM, OTHER_ITEM], bizTransactionList=transactions)
    turned = dict(reversed(an_event(epcList=[OTHER_ITEM, ITEM], bizTransactionList=transactions[::-1]).items()))
    assert same(event, turned)


def test_a_list_of_one_may_stand_without_brackets() -> None:
    assert same(an_event(epcList=[ITEM]), an_event(epcList=ITEM))


@pytest.mark.parametrize(
    ("said", "canonical"), [("100", "100"), ("100.0", "100"), ("0.50", "0.5"), ("1e2", "100"), ("-0.0", "0")]
)
def test_numbers_lose_trailing_zeros_and_nothing_else(said: str, canonical: str) -> None:
    document = a_document(an_event(quantityList=[{"epcClass": LOT, "quantity": "QUANTITY"}]))
    [found] = hashes_of_document(document.replace(b'"QUANTITY"', said.encode()), "test")
    assert f"quantity={canonical}action" in found.prehash


def test_long_numbers_keep_every_digit() -> None:
    document = a_document(an_event(quantityList=[{"epcClass": LOT, "quantity": 7}]))
    exact = b"9007199254740993.000000000000000000010"  # no double holds it
    [found] = hashes_of_document(document.replace(b'"quantity": 7', b'"quantity": ' + exact), "test")
    assert "quantity=9007199254740993.00000000000000000001" in found.prehash


def test_extensions_stand_with_their_whole_namespace_sorted_and_nested() -> None:
    event = an_event(**{"example:b": {"example:y": 2, "example:x": "1.0"}, "example:a": ["q", "p"]})
    name = "{https://ns.example.com/epcis/}"
    assert prehash_of(event).endswith(f"{name}a=p{name}a=q{name}b{name}x=1{name}y=2")


def test_the_name_of_the_prefix_does_not_matter_but_the_namespace_does() -> None:
    one = prehash_of(an_event(**{"a:x": "1"}), context=[GS1, {"a": "https://ns.example.com/"}])
    assert one == prehash_of(an_event(**{"b:x": "1"}), context=[GS1, {"b": "https://ns.example.com/"}])
    assert one != prehash_of(an_event(**{"a:x": "1"}), context=[GS1, {"a": "https://ns.example.org/"}])


def test_a_prefix_that_nobody_declared_stays_as_it_is() -> None:
    assert prehash_of(an_event(**{"far:x": "1"}), context=[GS1, "https://example.org/unknown.jsonld"]).endswith(
        "far:x=1"
    )


def test_extensions_of_a_place_stand_with_the_place() -> None:
    place = {"id": "geo:1,2", "example:hall": "7"}
    event = an_event(readPoint=place, bizLocation={"id": "geo:3,4"}, **{"example:z": "9"})
    name = "{https://ns.example.com/epcis/}"
    assert prehash_of(event).endswith(f"readPointid=geo:1,2{name}hall=7bizLocationid=geo:3,4{name}z=9")


def test_one_bad_event_is_named_by_its_place() -> None:
    deep: Any = "x"
    for _ in range(80):
        deep = {"example:a": deep}
    with pytest.raises(BadDocument, match="eventList/1"):
        hashes_of_document(a_document(an_event(), an_event(**{"example:deep": deep})), "test")


def test_json_and_xml_of_one_event_hash_alike() -> None:
    in_json = an_event(
        **{"example:note": {"example:page": "2"}},
        bizStep="shipping",
        readPoint={"id": "geo:1,2", "example:hall": "7"},
        quantityList=[{"epcClass": LOT, "quantity": 2.50, "uom": "KGM"}],
        persistentDisposition={"set": ["recalled"]},
        sensorElementList=[
            {
                "sensorMetadata": {"time": "2026-04-17T13:00:00Z", "example:m": "1"},
                "sensorReport": [
                    {"type": "Temperature", "value": 4.10, "uom": "CEL"},
                    {"type": "example:Strain", "booleanValue": True},
                ],
            }
        ],
        destinationList=[{"type": "location", "destination": "geo:5,6"}],
    )
    in_xml = an_xml_event(
        "<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>"
        "<persistentDisposition><set>urn:epcglobal:cbv:disp:recalled</set></persistentDisposition>"
        "<readPoint><id>geo:1,2</id><example:hall>7</example:hall></readPoint>"
        f"<extension><quantityList><quantityElement><epcClass>{LOT}</epcClass><quantity>2.50</quantity>"
        "<uom>KGM</uom></quantityElement></quantityList>"
        '<destinationList><destination type="urn:epcglobal:cbv:sdt:location">geo:5,6</destination></destinationList>'
        "</extension>"
        '<sensorElementList><sensorElement><sensorMetadata time="2026-04-17T15:00:00+02:00" example:m="1"/>'
        '<sensorReport type="example:Strain" booleanValue="true"/>'
        '<sensorReport type="gs1:Temperature" value="4.1" uom="CEL"/></sensorElement></sensorElementList>'
        "<example:note><example:page> 2 </example:page></example:note><!-- aside -->"
    )
    [from_json] = hashes_of_document(a_document(in_json), "test")
    [from_xml] = hashes_of_document(an_xml_document(in_xml), "test")
    assert from_json.prehash == from_xml.prehash


def test_fields_that_a_repository_declares_its_own_are_left_out() -> None:
    event = an_event(**{"example:own": "1", "example:said": "2"})
    plain = an_event(**{"example:said": "2"})
    assert prehash_of(event, **{"example:ignoreFields": ["example:own"]}) == prehash_of(plain)
    assert prehash_of(event, **{"example:ignoreFields": ["epcList"]}) == prehash_of(event)  # never fields of EPCIS


def test_a_read_event_has_the_hash_of_its_document() -> None:
    data = a_document(an_event(), an_event(bizStep="shipping"))
    assert [event_hash(event) for event in read_document(data, source="test").events] == hashes_of_document(
        data, "test"
    )
