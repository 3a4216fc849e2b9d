"""Digital Link URIs both ways: GS1's own vectors, and the rules behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.errors import BadInput
from ledger.trace.gs1 import Element, digital_link_uri, read_gs1

GTIN = "09520123456788"


def test_gs1s_own_vectors(corpora: Path) -> None:
    vectors = json.loads((corpora / "gs1" / "digital-link" / "parse.json").read_text("utf-8"))["vectors"]
    assert len(vectors) > 50
    assert [(v["uri"], v["element_string"]) for v in vectors] == [(v["uri"], _read(v["uri"])) for v in vectors]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        (f"https://a/01/{GTIN}/10/A/22/B", "qualifiers (10), (22) in that order"),
        (f"https://a/01/{GTIN}/10/A/235/B", "in that order"),
        (f"https://a/01/{GTIN}/10/A/10/A", "in that order"),
        (f"https://a/01/{GTIN}//10/A", "does not end with"),
        (f"https://a/01//10/A?17={GTIN}", "empty"),
        (f"https://a/01/{GTIN}/", "does not end with"),
        (f"https://a/01/{GTIN}/more", "does not end with"),
        (f"https://a?b/01/{GTIN}", "no domain"),
        (f"https://a b/01/{GTIN}", "no URI may hold"),
        (f"/01/{GTIN}", "No AI starts"),
        (f"mailto:01/{GTIN}", "https://"),
        (f"https://a/01/{GTIN}?10=A", "belongs into the path"),
        (f"https://a/01/{GTIN}/21/A?10=B", "belongs into the path"),
        (f"https://a/01/{GTIN}?21=A", "cannot stand in the query"),
        (f"https://a/01/{GTIN}?17=260101&17=260101", "twice"),
        (f"https://a/01/{GTIN}?01={GTIN}", "twice"),
        (f"https://a/01/{GTIN}?99=", "empty"),
        (f"https://a/01/{GTIN}?99=A+B", "' '"),
        (f"https://a/01/{GTIN}?99=A%1DB", "GS1 does not allow"),
        (f"https://a/01/{GTIN}?1234=A", "no such AI"),
        (f"https://a/01/{GTIN}?17=261301", "no month"),
        ("https://a/01/09520123456789", "8 was expected"),
        ("https://a/414/9521141123453/7040/1ABC/254/X", "in that order"),
        (f"https://a/01/{GTIN}?37=5", "must not stand beside"),
        (f"https://a/01/{GTIN}?3922=0299", "needs (01) with"),
    ],
)
def test_a_uri_that_breaks_a_rule_is_refused_with_the_reason(uri: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_gs1(uri)
    assert reason in refused.value.what


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"https://a/01/{GTIN}/22/v/10/l/21/s", f"^01{GTIN}22v^10l^21s"),
        (f"https://a/01/{GTIN}/10/A%2FB%2f%28", f"^01{GTIN}10A/B/("),
        (f"https://a/01/{GTIN}/10/A+B", f"^01{GTIN}10A+B"),
        (f"https://a/01/{GTIN}/10/A%", f"^01{GTIN}10A%"),  # a percent sign that escapes nothing is itself
        (f"https://a/8004/1234X/01/{GTIN}", f"^01{GTIN}"),  # the last key of the path counts
        (f"https://a/x/01/{GTIN}#/01/nothing?17=260101", f"^01{GTIN}"),
        (f"https://a/01/{GTIN}?linkType=all&=5&17=260101", f"^01{GTIN}17260101"),
        ("https://a/8006/095201234567880102/21/s", "^8006095201234567880102^21s"),
    ],
)  # fmt: skip
def test_a_uri_becomes_its_element_string(uri: str, expected: str) -> None:
    assert _read(uri) == expected


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        (f"(01){GTIN}", f"https://id.gs1.org/01/{GTIN}"),
        (f"(17)260101(21)s(10)l(01){GTIN}", f"https://id.gs1.org/01/{GTIN}/10/l/21/s?17=260101"),
        (f"(99)x(01){GTIN}(17)260101(10)a/b", f"https://id.gs1.org/01/{GTIN}/10/a%2Fb?17=260101&99=x"),
        (f"(01){GTIN}(10)ABC123(235)XYZ", f"https://id.gs1.org/01/{GTIN}/235/XYZ?10=ABC123"),
        ("(00)006141411234567890(420)ab%c", "https://id.gs1.org/00/006141411234567890?420=ab%25c"),
        ("(414)9521141123454(254)1", "https://id.gs1.org/414/9521141123454/254/1"),
        ("(415)9521141123454(8020)r", "https://id.gs1.org/415/9521141123454/8020/r"),
    ],
)
def test_data_become_a_canonical_uri_and_back(text: str, uri: str) -> None:
    data = read_gs1(text)
    assert digital_link_uri(data.elements) == uri
    assert dict(read_gs1(uri).ais) == dict(data.ais)


def test_another_domain_can_be_named() -> None:
    assert digital_link_uri([Element("01", GTIN)], "https://a.example/x/") == f"https://a.example/x/01/{GTIN}"


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ([Element("99", "A")], "None of these AIs"),
        ([Element("01", GTIN), Element("250", "A"), Element("8200", "http")], r"\(8200\) cannot stand"),
    ],
)
def test_what_has_no_place_in_a_uri_is_refused(elements: list[Element], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        digital_link_uri(elements)


def _read(uri: str) -> str:
    try:
        return read_gs1(uri).element_string
    except BadInput:
        return ""
