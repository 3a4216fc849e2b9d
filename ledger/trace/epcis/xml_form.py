"""EPCIS XML (EPCIS 2.0 section 9.5, and 1.2 as it is still met) as the JSON form, so that everything after reads one
form only.

Entities, doctypes and the network are refused. Names of extensions become `prefix:local`, with the prefix's namespace
told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from lxml import etree

from ledger.errors import BadDocument
from ledger.trace.epcis.json_form import LARGEST_BYTES, refuse

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
_WRAPPERS = ("extension", "baseExtension")  # EPCIS 1.x puts later fields into these; they mean nothing
_EPC_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList", "correctiveEventIDs")
_QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TYPED_LISTS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_NUMBERS = {"quantity", "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"}
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_POSITION = re.compile(r", line \d+, column \d+$")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Names:
    """The prefixes of a document: each namespace has one, also where the document uses a prefix for two namespaces."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self._prefix_of: dict[str, str] = {"http://www.w3.org/XML/1998/namespace": "xml"}

    def name(self, tag: str, element: etree._Element) -> str:
        """`prefix:local` for lxml's `{namespace}local`, `local` for a name without namespace."""
        if not tag.startswith("{"):
            return tag
        namespace, _, local = tag[1:].partition("}")
        prefix = self._prefix_of.get(namespace)
        if prefix is None:
            prefix = next((p for p, uri in element.nsmap.items() if uri == namespace and p), "ns")
            stem, count = prefix, 2
            while prefix in self.namespaces:
                prefix, count = f"{stem}{count}", count + 1
            self._prefix_of[namespace] = prefix
            self.namespaces[prefix] = namespace
        return f"{prefix}:{local}"


def parse_xml(data: bytes, source: str) -> etree._Element:
    """The root element; BadDocument where it is not XML, or has a doctype."""
    if len(data) > LARGEST_BYTES:
        raise refuse(f"The document has {len(data)} bytes, and {LARGEST_BYTES} are the most that is read", source)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in data:  # libxml2 may stop at what the doctype declares before the doctype can be told
            raise _doctype(source) from None
        line, column = error.position
        what = _POSITION.sub("", error.msg or "it cannot be parsed")
        raise refuse(
            f"The document is not XML: {what}", f"{source} line {line} column {column}", hint="Correct it there."
        ) from None
    except ValueError as error:
        raise refuse(f"The document is not XML: {error}", source) from None
    document: Any = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None:
        raise _doctype(source)
    return root


def _doctype(source: str) -> BadDocument:
    return refuse(
        "The document has a doctype, which is refused: it could name files, hosts or endless entities",
        source,
        hint="Remove the <!DOCTYPE …> line.",
    )


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The child elements, with what stands in meaningless wrappers as if it stood outside."""
    for child in element:
        if isinstance(child.tag, str):
            if child.tag in _WRAPPERS:
                yield from children(child)
            else:
                yield child


def event_from_xml(element: etree._Element, names: Names) -> dict[str, Any]:
    """One event element in JSON form."""
    event: dict[str, Any] = {"type": local_name(element)}
    for child in children(element):
        name = names.name(child.tag, child)
        if name in _EPC_LISTS:
            event[name] = [_text(item) for item in child if isinstance(item.tag, str)]
        elif name in _QUANTITY_LISTS:
            event[name] = [_fields(item, names) for item in child if isinstance(item.tag, str)]
        elif name in _TYPED_LISTS:
            event[name] = [_typed(item, _TYPED_LISTS[name]) for item in child if isinstance(item.tag, str)]
        elif name in ("readPoint", "bizLocation"):
            event[name] = _fields(child, names)
        elif name == "sensorElementList":
            event[name] = [_sensor_element(item, names) for item in child if isinstance(item.tag, str)]
        elif name == "persistentDisposition":
            event[name] = _sets(child)
        elif name == "errorDeclaration":
            event[name] = _error_declaration(child, names)
        elif name == "ilmd":
            event[name] = _extension_children(child, names)
        else:
            _add(event, name, _extension(child, names) if ":" in name else _text(child))
    return event


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _value(name: str, text: str) -> Any:
    """A value as JSON has it: numbers exact, booleans as such; what is no number stays text, for the checks to
    refuse.
    """
    if name in _NUMBERS and _NUMBER.fullmatch(text):
        return Decimal(text)
    if name == "booleanValue" and text in _BOOLEANS:
        return _BOOLEANS[text]
    return text


def _fields(element: etree._Element, names: Names) -> dict[str, Any]:
    """Attributes and simple children as fields; extensions with all that they hold."""
    found: dict[str, Any] = {}
    for attribute, text in element.items():
        name = names.name(str(attribute), element)
        found[name] = _value(name, str(text).strip())
    for child in children(element):
        name = names.name(child.tag, child)
        _add(found, name, _extension(child, names) if ":" in name else _value(name, _text(child)))
    return found


def _typed(element: etree._Element, field: str) -> dict[str, Any]:
    found: dict[str, Any] = {str(name): str(value).strip() for name, value in element.items()}
    found[field] = _text(element)
    return found


def _sensor_element(element: etree._Element, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in children(element):
        name = names.name(child.tag, child)
        if name == "sensorReport":
            found.setdefault(name, []).append(_fields(child, names))
        elif name == "sensorMetadata":
            found[name] = _fields(child, names)
        else:
            _add(found, name, _extension(child, names) if ":" in name else _text(child))
    return found


def _sets(element: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in children(element):
        found.setdefault(local_name(child), []).append(_text(child))
    return found


def _error_declaration(element: etree._Element, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in children(element):
        name = names.name(child.tag, child)
        if name in _EPC_LISTS:
            found[name] = [_text(item) for item in child if isinstance(item.tag, str)]
        else:
            _add(found, name, _extension(child, names) if ":" in name else _text(child))
    return found


def _extension_children(element: etree._Element, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        if isinstance(child.tag, str):
            _add(found, names.name(child.tag, child), _extension(child, names))
    return found


def _extension(element: etree._Element, names: Names) -> Any:
    """Text, or an object where it has attributes or children; its own text is then `#text`."""
    text = _text(element)
    if not len(element) and not element.attrib:
        return text
    found: dict[str, Any] = {names.name(str(name), element): str(value).strip() for name, value in element.items()}
    if text:
        found["#text"] = text
    for name, value in _extension_children(element, names).items():
        _add(found, name, value)
    return found


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    """Repeated elements become a list."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]
