"""GS1 data in any of the forms in which people and scanners give it, as one checked record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.errors import BadInput
from ledger.trace.gs1.brackets import parse_bracketed
from ledger.trace.gs1.digital_link_uri import parse_digital_link_uri
from ledger.trace.gs1.element_string import (
    ELEMENT_STRING_CARRIERS,
    GTIN_CARRIERS,
    TEXT_CARRIERS,
    element_string,
    parse_element_string,
)
from ledger.trace.gs1.elements import Element, ais_of, check_associations, check_value, require_known

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


@dataclass(frozen=True, slots=True)
class Gs1Data:
    """Elements that are right one by one and together."""

    elements: tuple[Element, ...]

    @property
    def element_string(self) -> str:
        """`^01…10…^21…`, FNC1 only where it is needed."""
        return element_string(self.elements)

    @property
    def ais(self) -> Mapping[str, str]:
        """Values by AI, in the order said."""
        return ais_of(self.elements)


def read_gs1(text: str) -> Gs1Data:
    """The data in an element string (`^01…` or `01…`, with or without a symbology identifier), a bracketed text
    (`(01)…`) or a Digital Link URI. BadInput with the reason where any rule of GS1 is broken.
    """
    elements = _parse(text)
    check_associations(elements)
    return Gs1Data(elements)


def _parse(text: str) -> tuple[Element, ...]:
    if text.startswith("]"):
        return _parse_scan(text[:3], text[3:])
    if _SCHEME.match(text):
        return parse_digital_link_uri(text)
    if text.startswith("("):
        return parse_bracketed(text)
    return parse_element_string(text)


def _parse_scan(carrier: str, data: str) -> tuple[Element, ...]:
    """What a scanner sent: the symbology identifier says how to read the data."""
    if carrier in ELEMENT_STRING_CARRIERS:
        return parse_element_string(data)
    if carrier in TEXT_CARRIERS and _SCHEME.match(data):
        return parse_digital_link_uri(data)
    if carrier in GTIN_CARRIERS and len(data) == GTIN_CARRIERS[carrier]:
        gtin = Element("01", data.zfill(14))
        check_value(require_known("01"), gtin.value)
        return (gtin,)
    raise BadInput(
        f"The symbology identifier {carrier!r} does not announce GS1 data of that length.",
        hint="GS1 data come after ]C1, ]e0, ]d2 or ]Q3; a GTIN alone after ]E0, ]E4 or ]I1.",
        carrier=carrier,
    )
