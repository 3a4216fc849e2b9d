"""Identifiers in all forms that EPCIS uses become one canonical Digital Link."""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.trace.gs1 import Epc, canonical_uri, parse_digital_link, parse_epc

# Each scheme of the Tag Data Standard that is a GS1 key, with its canonical Digital Link.
SCHEMES = [
    ("urn:epc:id:sgtin:4012345.011111.9876", "01/04012345111118/21/9876", "sgtin"),
    ("urn:epc:id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654", "sgtin"),
    (
        "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
        "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29",
        "sgtin",
    ),
    ("urn:epc:id:sgtin:4012345.011111.a.b", "01/04012345111118/21/a.b", "sgtin"),
    ("urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111", "sscc"),
    ("urn:epc:id:sgln:4012345.00005.0", "414/4012345000054", "sgln"),
    ("urn:epc:id:sgln:4012345.00005.122", "414/4012345000054/254/122", "sgln"),
    ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455", "grai"),
    ("urn:epc:id:giai:4012345.ABC345", "8004/4012345ABC345", "giai"),
    ("urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657", "gsrn"),
    ("urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074", "gsrnp"),
    ("urn:epc:id:gdti:4012345.00009.PO-4711", "253/4012345000092PO-4711", "gdti"),
    ("urn:epc:id:gdti:987659999999..9", "253/98765999999929", "gdti"),
    ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "8010/061414111111111111111-A%23%2F/8011/1234", "cpi"),
    ("urn:epc:id:sgcn:4012345.99999.44", "255/401234599999044", "sgcn"),
    ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11", "ginc"),
    ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442", "gsin"),
    ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987", "itip"),
    (
        "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB",
        "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB",
        "upui",
    ),
    ("urn:epc:id:pgln:4000001.00000", "417/4000001000005", "pgln"),
    ("urn:epc:id:pgln:999999999999.", "417/9999999999994", "pgln"),
    ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987", "lgtin"),
    ("urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663", "gtin"),
    ("urn:epc:idpat:grai:4012345.66666.*", "8003/04012345666663", "grai"),
    ("urn:epc:idpat:gdti:4012345.55555.*", "253/4012345555554", "gdti"),
    ("urn:epc:idpat:sgcn:4012345.99999.*", "255/4012345999990", "sgcn"),
    ("urn:epc:idpat:cpi:4012345.ABC.*", "8010/4012345ABC", "cpi"),
    ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102", "itip"),
    ("urn:epc:idpat:upui:1234567.098765.*", "01/01234567987651", "gtin"),
]


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:id:sgtin:0614141.12345.2017",  # one digit too few
        "urn:epc:id:sgtin:061414.1.2345678.1",
        "urn:epc:id:sgtin:0614141.812345",  # no serial
        "urn:epc:id:sgtin:0614141.812345.",
        "urn:epc:id:sgtin:0614141.812345.a b",
        "urn:epc:id:sgtin:0614141.812345.%zz",
        "urn:epc:id:sgtin:0614141.812345." + "9" * 21,
        "urn:epc:id:sgtin:061414x.812345.1",
        "urn:epc:id:sscc:4012345.311111111",
        "urn:epc:id:sgcn:4012345.99999.A",
        "urn:epc:id:itip:4012345.011111.1.2.987",
        "urn:epc:id:nosuch:1.2.3",
        "urn:epc:idpat:sgtin:4012345.066666.7",
        "just text",
        "",
    ],
)
def test_malformed_identifiers_are_refused(text: str) -> None:
    if text.startswith("urn:epc:idpat"):
        assert parse_epc(text).kind == "other"  # no pattern of a class: it stays as it is said
    else:
        with pytest.raises(BadInput):
            parse_epc(text)
    assert canonical_uri(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://id.gs1.org/01/09521141012346/10/ABC", "5"),
        ("https://example.com/shop/01/09521141012346", "5"),
        ("https://id.gs1.org/414/9521141123452", "4"),
        ("https://id.gs1.org/00/095211411234567890", "2"),
        ("https://id.gs1.org/gtin/9521141012346", "5"),
        ("https://id.gs1.org/8003/04012345000222334455", "1"),
    ],
)
def test_wrong_check_digit_is_refused_with_the_expected_one_but_can_be_hashed(text: str, expected: str) -> None:
    with pytest.raises(BadInput, match=f"but {expected} was expected"):
        parse_epc(text)
    assert (canonical_uri(text) or "").startswith("https://id.gs1.org/")


@pytest.mark.parametrize(
    "text",
    [
        "https://id.gs1.org/01/123",
        "https://id.gs1.org/01/09521141012345/10",
        "https://id.gs1.org/01/09521141012345/99/x",
        "https://id.gs1.org/01/09521141012345/10/a/10/b",
        "https://id.gs1.org/01/09521141012345/21/" + "9" * 21,
        "https://id.gs1.org/",
    ],
)
def test_what_stands_at_id_gs1_org_must_be_a_digital_link(text: str) -> None:
    with pytest.raises(BadInput):
        parse_epc(text)


def test_a_path_without_a_gs1_key_is_no_digital_link() -> None:
    with pytest.raises(BadInput, match="no GS1 Digital Link"):
        parse_digital_link("https://example.com/po/12345678")


@pytest.mark.parametrize(("urn", "path", "kind"), SCHEMES)
def test_every_scheme_becomes_its_canonical_digital_link(urn: str, path: str, kind: str) -> None:
    epc = parse_epc(urn)
    assert (epc.canonical, epc.kind) == (f"https://id.gs1.org/{path}", kind)
    assert canonical_uri(urn) == epc.canonical
    assert parse_epc(epc.canonical).canonical == epc.canonical  # what is canonical stays so


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://example.com/some/path/01/09521141012345/10/ABC/21/1?11=260417#top", "01/09521141012345/21/1"),
        ("http://example.com/gtin/9521141012345/lot/ABC/", "01/09521141012345/10/ABC"),
        ("https://id.gs1.org/01/614141007349", "01/00614141007349"),
        ("https://id.gs1.org/01/09521141012345/22/2A/10/ABC", "01/09521141012345/10/ABC"),
        ("https://id.gs1.org/01/09521141012345/10/a%2fb", "01/09521141012345/10/a%2Fb"),
        ("https://id.gs1.org/01/09521141012345/10/%41BC", "01/09521141012345/10/ABC"),
        ("https://id.gs1.org/01/09521141012345/10/01/21/00", "01/09521141012345/21/00"),
        ("https://id.gs1.de/gln/4012345000115", "414/4012345000115"),
        ("https://id.example.org/8004/401234599999", "8004/401234599999"),
    ],
)
def test_digital_links_lose_host_path_query_and_coarser_levels(link: str, path: str) -> None:
    assert parse_epc(link).canonical == f"https://id.gs1.org/{path}"


def test_lot_key_joins_a_lot_and_the_items_of_it() -> None:
    lot = parse_epc("urn:epc:class:lgtin:9521141.001234.A%2F1")
    item = parse_digital_link("/01/09521141012345/10/A%2F1/21/7")
    assert lot.lot_key == item.lot_key == "09521141012345/A/1"
    assert (item.gtin, item.lot, item.serial, item.canonical) == (
        "09521141012345",
        "A/1",
        "7",
        "https://id.gs1.org/01/09521141012345/21/7",
    )
    assert parse_epc("urn:epc:id:sscc:4012345.3111111111").lot_key == "340123451111111111"


@pytest.mark.parametrize(
    "text", ["geo:47.506694,11.104301", "https://example.com/po/1", "urn:epc:id:gid:1.2.3", "urn:uuid:1"]
)
def test_other_uris_stay_as_they_are_said(text: str) -> None:
    assert parse_epc(text) == Epc(text, "other", lot_key=text)
    assert canonical_uri(text) is None
