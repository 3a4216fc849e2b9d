"""Element strings and bracketed texts: what scanners and people give, read and written."""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.trace.gs1 import bracketed, element_string, read_gs1

GTIN = "0109520123456788"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no GS1 data"),
        ("^", "no GS1 data"),
        ("]C1", "no GS1 data"),
        ("ABC", "No AI starts"),
        ("^89ABC", "No AI starts"),
        (f"^{GTIN}^^10A", "No AI starts"),
        (f"^{GTIN}10", "empty"),
        (f"^{GTIN}10^21A", "empty"),
        ("^010952012345^10A", "14 characters"),
        (f"^{GTIN}4021234567890123456", "17 characters"),  # 402 needs FNC1 after it, though its length is fixed
        ("]X9" + GTIN, "symbology identifier"),
        ("]E0" + "952012345678", "symbology identifier"),
        ("]E0" + "9520123456789", "8 was expected"),
        ("]Q1" + GTIN, "symbology identifier"),
        ("()12345", "no AI"),
        ("(1)12345", "no AI"),
        ("(1A)12345", "no AI"),
        ("(01", "does not close"),
        ("(01)", "empty"),
        ("(01)09520123456788(10)", "empty"),
        ("(01)09520123456788 (10)A", "14 characters"),
        ("(01)09520123456788(10)A^B", "'^'"),
        ("(17)9(90)217", "6 characters"),
        # associations
        ("(10)ABC", "needs (01) or"),
        ("(02)09520123456788", "needs (37)"),
        ("(01)09520123456788(37)5", "must not stand beside"),
        ("(01)09520123456788(3100)000100(3101)000010", "must not stand beside"),
        ("(01)09520123456788(21)A(235)B", "must not stand beside"),
        ("(01)09520123456788(3920)100", "(01) with (30) or (01) with (31nn)"),
        ("(01)09520123456788(21)A(8041)123456789012345", "with (8040)"),
        ("(01)09520123456788(10)A(10)B", "twice with different values"),
        ("(253)9521141111116(8030)abc", "needs its serial"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_gs1(text)
    assert reason in refused.value.what


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"^{GTIN}", f"^{GTIN}"),
        (GTIN, f"^{GTIN}"),
        (f"\x1d{GTIN}10A\x1d21B", f"^{GTIN}10A^21B"),
        (f"]C1{GTIN}10A\x1d21B", f"^{GTIN}10A^21B"),
        (f"]d2{GTIN}10A^21B", f"^{GTIN}10A^21B"),
        (f"]Q3^{GTIN}", f"^{GTIN}"),
        (f"]e0{GTIN}17260101", f"^{GTIN}17260101"),
        ("]E0" + "9520123456788", f"^{GTIN}"),
        ("]Q1https://id.gs1.org/01/09520123456788", f"^{GTIN}"),
        (f"^{GTIN}^10A^", f"^{GTIN}10A"),  # FNC1 after what needs none, and at the end, says nothing
        (f"^10A^{GTIN}", f"^10A^{GTIN}"),
        (f"^{GTIN}3103000195392199^17260101", f"^{GTIN}3103000195392199^17260101"),
        ("(01)09520123456788(10)A\\(B)(21)C", f"^{GTIN}10A(B)^21C"),
        ("(10)A)B(01)09520123456788", f"^10A)B^{GTIN}"),
        ("(10)A\\((01)09520123456788", f"^10A(^{GTIN}"),
        ("(01)09520123456788(3103)000195(3922)0299", f"^{GTIN}31030001953922" + "0299"),
        ("(01)09520123456788(01)09520123456788", f"^{GTIN}{GTIN}"),
        ("(01)09520123456788(21)A(8040)123456789012345(8041)123456789012345",
         f"^{GTIN}21A^8040123456789012345^8041123456789012345"),
        ("(253)9521141111116A(8030)abc", "^2539521141111116A^8030abc"),
        ("(00)006141411234567890(02)09520123456788(37)5", "^00006141411234567890020952012345678837" + "5"),
    ],
)  # fmt: skip
def test_every_form_becomes_one_element_string(text: str, expected: str) -> None:
    assert read_gs1(text).element_string == expected


def test_a_text_in_brackets_and_its_element_string_are_the_same_data() -> None:
    data = read_gs1("(01)09520123456788(10)A\\(B)(17)260101(99)x(91)y")
    assert bracketed(data.elements) == "(01)09520123456788(10)A\\(B)(17)260101(99)x(91)y"
    assert read_gs1(bracketed(data.elements)) == read_gs1(element_string(data.elements)) == data
    assert dict(data.ais) == {"01": "09520123456788", "10": "A(B)", "17": "260101", "99": "x", "91": "y"}
