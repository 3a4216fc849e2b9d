"""Documents that do not parse: the sentence says what, and at which line and column."""

from __future__ import annotations

import pytest
from epcis_builders import LOT, a_document, an_event, an_xml_document, an_xml_event

from ledger.errors import BadDocument
from ledger.trace.epcis import read_document
from ledger.trace.event_hash import hashes_of_document


def the_fault(data: bytes) -> str:
    """Both readers refuse it, for the same reason."""
    with pytest.raises(BadDocument) as by_hash:
        hashes_of_document(data, "test")
    with pytest.raises(BadDocument) as by_capture:
        read_document(data, source="test")
    assert str(by_hash.value) == str(by_capture.value)
    [problem] = by_capture.value.problems
    return str(problem)


def test_broken_json_has_its_line_and_column() -> None:
    assert "line 3, column 1" in the_fault(b'{\n "type": "EPCISDocument",\n}')


def test_a_name_that_stands_twice_is_refused() -> None:
    data = a_document(an_event()).replace(b'"action": "OBSERVE"', b'"action": "OBSERVE", "action": "ADD"')
    assert "'action' stands twice" in the_fault(data)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999999999", b"1e-99999999", b"9" * 5000])
def test_what_is_no_number_or_an_absurd_one_is_refused(number: bytes) -> None:
    data = a_document(an_event(quantityList=[{"epcClass": LOT, "quantity": 7}]))
    assert "number" in the_fault(data.replace(b'"quantity": 7', b'"quantity": ' + number))


def test_absurd_depth_is_refused() -> None:
    assert "too deeply" in the_fault(b'{"a":' * 100_000)


@pytest.mark.parametrize("escape", [b"\\u0000", b"\\ud800"])
def test_what_is_no_text_is_refused(escape: bytes) -> None:
    data = a_document(an_event(**{"example:note": "NOTE"}))
    assert "no text" in the_fault(data.replace(b"NOTE", escape))


def test_escaped_backslashes_and_whole_pairs_are_text() -> None:
    data = a_document(an_event(**{"example:note": "NOTE"}))
    for fine in (b"\\\\u0000", b"\\ud83e\\udd6c"):
        assert read_document(data.replace(b"NOTE", fine), source="test").events


def test_what_is_not_utf8_is_refused_and_a_byte_order_mark_is_not() -> None:
    assert "UTF-8" in the_fault(a_document(an_event()).replace(b"OBSERVE", b"\xe9"))
    assert read_document(b"\xef\xbb\xbf" + a_document(an_event()), source="test").events


def test_broken_xml_has_its_line() -> None:
    assert "line 1" in the_fault(an_xml_document("<ObjectEvent>"))


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE EPCISDocument>",
        '<!DOCTYPE EPCISDocument SYSTEM "http://127.0.0.1:9/none.dtd">',
        '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE d [<!ENTITY a "a"><!ENTITY b "&c;"><!ENTITY c "&b;">]>',
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
    ],
)
def test_a_doctype_is_refused(doctype: str) -> None:
    assert "doctype" in the_fault(an_xml_document(an_xml_event(), before=doctype))


def test_an_entity_that_a_doctype_declares_is_never_opened() -> None:
    doctype = '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    event = an_xml_event("<example:note>&f;</example:note>")
    assert "doctype" in the_fault(an_xml_document(event, before=doctype))


def test_entities_that_grow_without_end_are_refused_at_once() -> None:
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    event = an_xml_event("<example:note>&e11;</example:note>")
    assert "doctype" in the_fault(an_xml_document(event, before=f'<!DOCTYPE d [<!ENTITY e0 "e">{grow}]>'))


def test_xml_that_is_no_epcis_is_refused() -> None:
    assert "no EventList" in the_fault(b"<catalogue><book/></catalogue>")
