"""Reading XML that a stranger handed in: no document type, no entity, nothing fetched, nothing huge.

A document type declaration is refused before anything inside it is looked at, so that no entity is ever defined, let
alone expanded. The parser behind it would not load or expand one either.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from lxml import etree

from ledger.errors import BadInput

MOST_BYTES = 64 * 1024 * 1024
_HINT = "Ask the bank for the file again, unchanged."


def read_xml(data: bytes, *, source: str) -> etree._Element:
    """The root element, without comments and processing instructions, so that an element's text is all of its text.

    BadInput, with source and line, for what is not XML, carries a document type or an entity, is encoded otherwise than
    it says, is nested more than 255 deep, or is larger than 64 MiB.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(
            f"The file is too large: {len(data)} bytes, at most {MOST_BYTES}.",
            where=source,
            hint="Ask for it in parts.",
        )
    if not data.strip():
        raise BadInput("The file is empty.", where=source, hint=_HINT)
    _refuse_document_type(data, source)
    # huge_tree=False keeps the parser's own limits on depth, text and amplification.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _explain(error, source) from None
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that the first look could not read
        raise _document_type(source, 1)
    return root


def line_of(element: etree._Element, source: str) -> str:
    """Where an element stands: file:line."""
    return f"{source}:{element.sourceline}"


class _Seen(Exception):
    """The prologue is read: nothing more to look at."""


def _refuse_document_type(data: bytes, source: str) -> None:
    scanner = expat.ParserCreate()

    def document_type(*_: object) -> None:
        raise _document_type(source, scanner.CurrentLineNumber)

    def first_element(*_: object) -> None:
        raise _Seen

    scanner.StartDoctypeDeclHandler = document_type
    scanner.StartElementHandler = first_element
    try:
        scanner.Parse(data, True)
    except (_Seen, expat.ExpatError, LookupError, ValueError):
        return  # not well-formed, or an encoding expat does not know: the parser says so in its own words


def _document_type(source: str, line: int) -> BadInput:
    return BadInput(
        "The file declares a document type (<!DOCTYPE ...>), which may define entities; a bank file has neither.",
        where=f"{source}:{line}",
        hint="Remove the declaration, or ask the bank for the file again.",
    )


def _explain(error: etree.XMLSyntaxError, source: str) -> BadInput:
    message = re.sub(r", line \d+, column \d+$", "", error.msg or "it cannot be read")
    line = error.lineno or 1
    if message.startswith("Entity"):
        what = f"The file uses an entity that nothing defines ({message})."
    elif "encoding" in message or "Invalid bytes" in message or "not proper UTF-8" in message:
        what = f"The file is not encoded as it says ({message})."
    elif "XML_PARSE_HUGE" in message:
        what = f"The file is nested too deep or holds too long a text ({message.split(',')[0]})."
    else:
        what = f"The file is not XML: {message}."
    return BadInput(what, where=f"{source}:{line}", hint=_HINT)
