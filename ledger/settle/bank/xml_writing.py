"""Writing an ISO 20022 document: elements in the order of the schema, texts within its limits."""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from ledger.errors import BadInput
from ledger.settle.zone import SHANGHAI

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, section 2.2


class Document:
    """A document of one ISO 20022 message, for example pain.001.001.09."""

    def __init__(self, message: str) -> None:
        self._namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
        self.root = etree.fromstring(f'<Document xmlns="{self._namespace}"/>')

    def add(self, parent: etree._Element, path: str, text: str | None = None, **attributes: str) -> etree._Element:
        """The last element of a new chain of elements ("Cdtr/Nm") below the parent."""
        element = parent
        for name in path.split("/"):
            element = etree.SubElement(element, f"{{{self._namespace}}}{name}")
        element.text = text
        for name, value in attributes.items():
            element.set(name, value)
        return element

    def to_bytes(self) -> bytes:
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def text_within(text: str, most: int, *, what: str) -> str:
    """The trimmed text; BadInput when it is empty, longer than the schema allows, or holds what XML cannot carry.

    Nothing is cut off: half a name may be somebody else's.
    """
    trimmed = " ".join(text.split())
    if not trimmed:
        raise BadInput(f"The {what} is empty.", hint=f"Give 1 to {most} characters.")
    if len(trimmed) > most:
        raise BadInput(f"The {what} has {len(trimmed)} characters, at most {most}.", hint="Shorten it.", text=trimmed)
    if _NO_XML.search(trimmed):
        raise BadInput(f"The {what} holds characters that no bank file can carry.", hint="Type it again.", text=trimmed)
    return trimmed


def moment_text(seconds: int) -> str:
    """ISO 8601 with Shanghai's offset, from seconds since the Unix epoch."""
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat()
