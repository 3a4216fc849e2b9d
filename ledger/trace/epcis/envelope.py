"""Where the events of a document stand: EPCISDocument, EPCISQueryDocument or one bare event, in JSON or XML.

What surrounds the events (header, sender, comments) is no part of any event: it is neither checked nor kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ledger.errors import BadInput
from ledger.trace.epcis.context import KNOWN_PREFIXES, NOTHING, Context, extend_context
from ledger.trace.epcis.json_form import parse_json, refuse
from ledger.trace.epcis.xml_form import EVENT_TYPES, Names, children, event_from_xml, local_name, parse_xml

_IGNORE_FIELDS = "ignoreFields"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One event before it is checked. `pointer` is its JSON pointer (RFC 6901); `line` its line, known for XML."""

    position: int
    body: Any
    context: Context
    pointer: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The events in order, the fields that the document says are not part of them, and the document's own fields
    (JSON form).
    """

    events: tuple[RawEvent, ...]
    ignored: frozenset[str]
    head: Mapping[str, Any]
    is_xml: bool


def open_envelope(data: bytes, source: str) -> Envelope:
    """The events in `data`; BadDocument where it is neither JSON nor XML, or no EPCIS document."""
    start = data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    if not start:
        raise refuse("The document is empty", source, hint="Hand in an EPCIS 2.0 document, JSON or XML.")
    return _open_xml(data, source) if start == b"<" else _open_json(data, source)


def _open_json(data: bytes, source: str) -> Envelope:
    document = parse_json(data, source)
    if not isinstance(document, dict):
        raise refuse(
            "The document is JSON but no object", source, hint="An EPCIS document is an object with type EPCISDocument."
        )
    try:
        context = extend_context(NOTHING, document.get("@context", []), where=f"{source}#/@context")
    except BadInput as problem:
        raise refuse(problem.what, problem.where or source, hint=problem.hint) from None
    kind = document.get("type")
    if kind in EVENT_TYPES or ("epcisBody" not in document and "eventTime" in document):
        return Envelope((RawEvent(0, document, context, ""),), frozenset(), document, False)
    if kind not in ("EPCISDocument", "EPCISQueryDocument") and "epcisBody" not in document:
        raise refuse(
            f"The document's type is {kind!r}, and no EPCIS event can be found in it",
            f"{source}#/type",
            hint='Hand in an object with "type": "EPCISDocument" and an "epcisBody", or one event.',
        )
    events, pointer = _find_json_events(document, source)
    ignored = _ignored_in_json(document, context)
    raw = tuple(
        RawEvent(n, event, context, f"{pointer}/{n}" if pointer.endswith("List") else pointer)
        for n, event in enumerate(events)
    )
    return Envelope(raw, ignored, document, False)


def _find_json_events(document: dict[str, Any], source: str) -> tuple[list[Any], str]:
    body, pointer = document.get("epcisBody"), "/epcisBody"
    for step in ("queryResults", "resultsBody"):
        if isinstance(body, dict) and step in body:
            body, pointer = body[step], f"{pointer}/{step}"
    if not isinstance(body, dict):
        raise refuse(
            "The document has no epcisBody with events",
            f"{source}#{pointer}",
            hint='Put the events into "epcisBody": {"eventList": […]}.',
        )
    if "eventList" in body:
        events = body["eventList"]
        if isinstance(events, dict):
            events = [events]
        if not isinstance(events, list):
            raise refuse("eventList is no list of events", f"{source}#{pointer}/eventList", hint="Write a list: […].")
        return events, f"{pointer}/eventList"
    if "event" in body:
        return [body["event"]], f"{pointer}/event"
    raise refuse(
        "epcisBody holds no eventList",
        f"{source}#{pointer}",
        hint='Put the events into "epcisBody": {"eventList": […]}.',
    )


def _open_xml(data: bytes, source: str) -> Envelope:
    root = parse_xml(data, source)
    names = Names()
    if local_name(root) in EVENT_TYPES:
        elements = [root]
        pointer = ""
        ignored: frozenset[str] = frozenset()
    else:
        event_list = next((e for e in root.iter() if isinstance(e.tag, str) and local_name(e) == "EventList"), None)
        if event_list is None:
            raise refuse(
                f"The document's root is {local_name(root)}, and it holds no EventList",
                source,
                hint="Hand in an EPCISDocument or EPCISQueryDocument with an EventList, or one event.",
            )
        elements = list(children(event_list))
        pointer = "/epcisBody/eventList"
        ignored = _ignored_in_xml(root)
    bodies = [event_from_xml(element, names) for element in elements]
    raw = tuple(
        RawEvent(n, body, _xml_context(element, names), f"{pointer}/{n}" if pointer else "", _line(element))
        for n, (element, body) in enumerate(zip(elements, bodies, strict=True))
    )
    return Envelope(raw, ignored, {str(name): value for name, value in root.items()}, True)


def _xml_context(element: etree._Element, names: Names) -> Context:
    """Prefixes declared around the event count for values too (`type="example:strain"`), as a CURIE's do in JSON."""
    declared = {prefix: uri for prefix, uri in element.nsmap.items() if prefix}
    return Context({**KNOWN_PREFIXES, **declared, **names.namespaces}, {}, (), True)


def _line(element: etree._Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None


def expand_name(name: str, prefixes: Mapping[str, str]) -> str:
    """`{namespace}local` for `prefix:local`, and the name as it is where the prefix is unknown or the name a full
    URI.
    """
    prefix, colon, local = name.partition(":")
    if colon and not local.startswith("//"):
        namespace = prefixes.get(prefix)
        if namespace is not None:
            return f"{{{namespace}}}{local}"
    return name


def _ignored_in_json(document: dict[str, Any], context: Context) -> frozenset[str]:
    """A repository may list its own fields, which are not part of the event (`repository:ignoreFields`): only names
    with a namespace.
    """
    found: set[str] = set()
    for name, value in document.items():
        if name.partition(":")[2] == _IGNORE_FIELDS:
            listed = value if isinstance(value, list) else [value]
            for item in listed:
                for field in item if isinstance(item, dict) else [item]:
                    if isinstance(field, str) and ":" in field:
                        found.add(expand_name(field, context.prefixes))
    return frozenset(found)


def _ignored_in_xml(root: etree._Element) -> frozenset[str]:
    found: set[str] = set()
    for child in root:
        if isinstance(child.tag, str) and child.tag.startswith("{") and local_name(child) == _IGNORE_FIELDS:
            found.update(str(field.tag) for field in child if isinstance(field.tag, str) and field.tag.startswith("{"))
    return frozenset(found)
