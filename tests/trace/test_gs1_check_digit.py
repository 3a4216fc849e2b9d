"""Check digits: what is wrong is named with the digit that was expected."""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.trace.gs1 import check_digit, check_gln, check_gtin, check_lot, check_serial, check_sscc


def test_gtin_with_wrong_check_digit_is_refused_with_the_expected_one() -> None:
    with pytest.raises(BadInput, match="check digit 6, but 5 was expected") as refused:
        check_gtin("09521141012346")
    assert refused.value.values["expected"] == "5"


@pytest.mark.parametrize("text", ["", "0952114101234", "952114101234567", "9521141O12345", "٠٩٥٢١١٤١٠١٢٣٤٥", "1234567"])
def test_what_is_no_gtin_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        check_gtin(text)


def test_gln_and_sscc_are_held_to_their_length_and_digit() -> None:
    for check, wrong in ((check_gln, "9521141123452"), (check_gln, "952114112345"), (check_sscc, "095211411234567893")):
        with pytest.raises(BadInput):
            check(wrong)
    assert check_gln("9521141123454") == "9521141123454"
    assert check_sscc("095211411234567892") == "095211411234567892"


@pytest.mark.parametrize(
    ("text", "gtin14"),
    [
        ("09521141012345", "09521141012345"),
        ("9521141012345", "09521141012345"),  # GTIN-13
        ("614141007349", "00614141007349"),  # GTIN-12
        ("96385074", "00000096385074"),  # GTIN-8
        (" 9521141012345 ", "09521141012345"),
    ],
)
def test_every_gtin_length_becomes_fourteen_digits(text: str, gtin14: str) -> None:
    assert check_gtin(text) == gtin14


def test_check_digit_of_the_general_specifications() -> None:
    assert check_digit("629104150021") == "3"
    assert check_digit("37610425002123456") == "9"


@pytest.mark.parametrize("text", ["", "A" * 21, "lot 7", "Löt", "a#b", "a|b"])
def test_lots_and_serials_outside_the_set_of_82_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        check_lot(text)
    with pytest.raises(BadInput):
        check_serial(text)


def test_all_82_characters_are_allowed() -> None:
    signs = "!\"%&'()*+,-./:;<=>?_"
    assert check_lot(signs) == signs
    assert check_serial("abcXYZ0189") == "abcXYZ0189"
