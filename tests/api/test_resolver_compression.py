"""Compressed Digital Links are written out; what is none is refused."""

from __future__ import annotations

import pytest
from api_scene import SALAD, Served
from resolver_scene import LOT

from api.resolver.address import read_address, right_form
from api.resolver.compression import decompress
from ledger.errors import BadInput


def written_out(text: str) -> str:
    elements, others = decompress(text)
    return " ".join([*(f"({element.ai}){element.value}" for element in elements), others]).strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "ARHKVAdpQ",  # cut off within the GTIN
        "ARHKVAdpQh",  # padded with ones
        "ARHKVAdpQg==",
        "nowhere-to-be-found",
        "fortysomething",
        "A" * 501,
    ],
)
def test_text_that_is_no_compressed_link_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        decompress(text)


def test_value_with_more_digits_than_its_length_is_refused() -> None:
    with pytest.raises(BadInput):
        decompress("Af________4")  # 47 ones are more than 14 digits


@pytest.mark.parametrize(
    ("text", "meaning"),
    [  # published with GS1's toolkit and its ports
        ("ARHKVAdpQg", "(01)09780345418913"),
        ("AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXgpNWCv1", "(01)05412345000013 (10)ABC&+123 (7003)1903061658 k1=v1"),
        ("ABeRcNWtKMPA", "(00)106141412345678908"),
        ("QUCO_anbfA", "(414)0614141123452"),
        ("JAaasHt_dNNt4ADESMALumsUfMAm34", "(240)qwe390023 (8003)09421012301014f9804dbf"),
    ],
)
def test_compressed_link_is_written_out(text: str, meaning: str) -> None:
    assert written_out(text) == meaning


def test_compressed_address_names_what_it_stands_for() -> None:
    address = read_address("/AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXgpNWCv1/", "a=b")
    assert address.uncompressed == "/01/05412345000013/10/ABC%26%2B123?7003=1903061658&k1=v1"
    assert address.query == "7003=1903061658&k1=v1&a=b"
    assert address.key.lot == "ABC&+123"


@pytest.mark.parametrize(
    "path",
    [
        "/01/05412345000013/foo",
        "/01/05412345000014",
        "/01/05412345000013/21/S/10/L",
        "/01/05412345000013/01/05412345000013",
        "/414/0614141123452",
        "/x/01/05412345000013",
        "/01/05412345000013/10/A/10/B",
        "/QUCO_anbfA",
    ],
)
def test_address_that_breaks_the_syntax_is_refused(path: str) -> None:
    with pytest.raises(BadInput):
        read_address(path, "")


@pytest.mark.parametrize("query", ["17=261301", "10=ABC", "9=1"])
def test_data_attributes_are_held_to_their_rules(query: str) -> None:
    with pytest.raises(BadInput):
        read_address("/01/05412345000013", query)
    assert read_address("/01/05412345000013", "17=261231&x&q=%zz").key.gtin == "05412345000013"


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/01/05412345000013", None),
        ("/01/5412345000013", "/01/05412345000013"),
        ("/gtin/5412345000013/lot/A%2FB/ser/7", "/01/05412345000013/10/A%2FB/21/7"),
        ("/gtin/5412345000014", None),
        ("/gtin/123", None),
        ("/sscc/106141412345678908", None),
    ],
)
def test_short_numbers_and_names_have_a_right_form(path: str, right: str | None) -> None:
    assert right_form(path) == right


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(bits: str) -> str:
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def compressed(gtin: str, lot: str | None = None) -> str:
    """Packed by hand: AI 01 and 47 bits; AI 10, base64url (3), 5 bits of length, 6 bits each."""
    bits = "00000001" + f"{int(gtin):047b}"
    if lot:
        bits += "00010000" + "011" + f"{len(lot):05b}" + "".join(f"{ALPHABET.index(one):06b}" for one in lot)
    return packed(bits)


@pytest.mark.parametrize("lot", [None, LOT])
def test_21_compressed_address_is_answered_and_written_out(lettuce: Served, lot: str | None) -> None:
    plain = f"/01/{SALAD}" + (f"/10/{lot}" if lot else "")
    for path in (f"/{compressed(SALAD, lot)}", f"/{compressed(SALAD, lot)}/"):
        answer = lettuce.get(path + "?a=b")
        assert (answer.status_code, answer.headers["location"]) == (307, f"{lettuce.url}/scan{plain}?a=b")
        assert f'<{lettuce.url}{plain}>; rel="owl:sameAs"' in answer.headers["link"]
        asked = lettuce.get(path + "?linkType=linkset")
        assert asked.json()["linkset"][0]["anchor"] == lettuce.url + plain
        assert 'rel="owl:sameAs"' in asked.headers["link"]


def test_21_part_behind_the_key_may_be_compressed(lettuce: Served) -> None:
    part = packed("00010000" + "000" + "00001" + f"{7:04b}")  # (10)7
    answer = lettuce.get(f"/01/{SALAD}/{part}")
    assert answer.headers["location"] == f"{lettuce.url}/scan/01/{SALAD}/10/7"


def test_21_what_looks_compressed_and_is_not_is_refused(lettuce: Served) -> None:
    assert lettuce.get("/AdministrationArea").status_code == 400
    assert lettuce.get("/nowhere").status_code == 404
