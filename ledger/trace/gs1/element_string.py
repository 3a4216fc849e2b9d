"""Element strings as scanners give them: AIs and values run together, FNC1 after what has no predefined length.

GS1 General Specifications section 7.8. Here FNC1 is written `^`; from a scanner it comes as the character GS (0x1D). A
symbology identifier (ISO/IEC 15424) may stand before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import BadInput
from ledger.trace.gs1.dictionary import at_start_of
from ledger.trace.gs1.elements import Element, check_value

FNC1 = "^"
GROUP_SEPARATOR = "\x1d"

# Symbology identifiers of carriers whose data are element strings: GS1-128, GS1 DataBar and composites, GS1 DataMatrix,
# GS1 QR Code, GS1 DotCode.
ELEMENT_STRING_CARRIERS = ("]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1")
# Those whose data are a bare GTIN of so many digits: EAN/UPC, EAN-8, ITF-14.
GTIN_CARRIERS = {"]E0": 13, "]E4": 8, "]I1": 14}
# Those that carry any text, so perhaps a Digital Link URI: DataMatrix, QR Code.
TEXT_CARRIERS = ("]d1", "]Q1")


def parse_element_string(text: str) -> tuple[Element, ...]:
    """The elements of `^01…10…^21…`; the FNC1 at its start may be left out. BadInput with the reason otherwise."""
    rest = text.replace(GROUP_SEPARATOR, FNC1).removeprefix(FNC1)
    if not rest:
        raise BadInput("It holds no GS1 data.", hint="Write an element string such as ^010952012345678810ABC.")
    elements = []
    while rest:
        entry = at_start_of(rest)
        if entry is None:
            raise BadInput(f"No AI starts with {rest[:4]!r}.", hint="An element string is AIs and their values.")
        rest = rest[len(entry.ai) :]
        until_fnc1 = rest.split(FNC1, 1)[0]
        value = until_fnc1[: entry.longest] if entry.predefined else until_fnc1
        check_value(entry, value)
        elements.append(Element(entry.ai, value))
        rest = rest[len(value) :].removeprefix(FNC1)
    return tuple(elements)


def element_string(elements: Sequence[Element]) -> str:
    """The elements in their order, with FNC1 at the start and after each value whose end cannot be told otherwise."""
    written = FNC1
    for place, element in enumerate(elements):
        written += element.ai + element.value
        if place < len(elements) - 1 and not element.entry.predefined:
            written += FNC1
    return written
