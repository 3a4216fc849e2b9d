"""Bank files that strangers hand in: what is refused, with which sentence, at which line."""

from __future__ import annotations

import pytest
from bank_builders import a_file

from ledger.errors import BadInput
from ledger.settle.bank import xml_reading
from ledger.settle.bank.xml_reading import read_xml


def refused(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_xml(data, source="bank.xml")
    return caught.value


@pytest.mark.parametrize(
    "name", ["statement_with_doctype.xml", "statement_with_external_entity.xml", "statement_billion_laughs.xml"]
)
def test_document_type_is_refused_before_anything_in_it_is_read(name: str) -> None:
    error = refused(a_file(name))
    assert "document type" in error.what
    assert "entities" in error.what
    assert error.where == "bank.xml:2"


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "iso-8859-1"])
def test_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<a>&b;</a>'
    assert "document type" in refused(text.encode(encoding)).what


def test_entity_that_nothing_defines_is_refused() -> None:
    error = refused(a_file("statement_undefined_entity.xml"))
    assert "entity" in error.what
    assert error.where == "bank.xml:20"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7", "not XML"),
        (b'{"statement": 1}', "not XML"),
        (b"PK\x03\x04", "not XML"),
        (b"<a><b></a>", "not XML"),
        (b"<a/><a/>", "not XML"),
        (b"<a>" * 300 + b"</a>" * 300, "nested too deep"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoded"),
    ],
)
def test_what_is_no_xml_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    assert words in refused(data).what


def test_file_in_another_encoding_than_it_says_is_refused_with_its_line() -> None:
    error = refused(a_file("statement_wrong_encoding.xml"))
    assert "encoded" in error.what
    assert error.where == "bank.xml:20"


def test_file_that_was_cut_off_is_refused() -> None:
    assert "not XML" in refused(a_file("statement_cut_off.xml")).what


def test_huge_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "MOST_BYTES", 10)
    assert "too large" in refused(b"<a>0123456789</a>").what


def test_text_around_a_comment_is_read_whole() -> None:
    assert read_xml(b"<a>12<!-- not 34 -->56<?pi?>78</a>", source="x").text == "125678"


def test_character_references_and_predefined_entities_are_no_fault() -> None:
    assert read_xml(b"<a>Suyuan &amp; &#x4e2d;</a>", source="x").text == "Suyuan & 中"
