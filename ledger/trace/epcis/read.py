"""A document as events: opened, checked, hashed. Whole or not at all (`rollback`), or the good events alone
(`proceed`).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis.check_event import Parts, check_event
from ledger.trace.epcis.check_values import Values, describe
from ledger.trace.epcis.context import Context, extend_context
from ledger.trace.epcis.envelope import Envelope, RawEvent, open_envelope
from ledger.trace.epcis.event import Document, Event
from ledger.trace.epcis.prehash import hash_body
from ledger.trace.epcis.problems import Problems
from ledger.trace.epcis.vocabulary import kind_name

Behaviour = Literal["rollback", "proceed"]
_MOST_FAULTS = 200
_VERSION = re.compile(r"\d+(?:\.\d+)*")


def read_document(data: bytes, *, source: str, behaviour: Behaviour = "rollback") -> Document:
    """The events of an EPCISDocument, an EPCISQueryDocument or a bare event, JSON or XML, in document order.

    `source` names the document in error messages. BadDocument with every reason where it cannot be read or, under
    `rollback`, where any event is bad; under `proceed` bad events are in `refused`, one error each (a BadDocument
    where it has several faults).
    """
    envelope = open_envelope(data, source)
    _check_head(envelope, source)
    events: list[Event] = []
    refused: list[BadInput] = []
    faults: list[BadInput] = []
    for raw in envelope.events:
        problems = Problems(source, raw.line)
        event = _read_event(raw, envelope.ignored, problems)
        if event is not None:
            events.append(event)
        else:
            faults += problems.found
            refused.append(_one_error(raw, problems))
    if refused and behaviour == "rollback":
        raise BadDocument(
            f"{len(refused)} of {len(envelope.events)} events are refused, so the whole document is.",
            _first(faults, source),
            where=source,
            hint="Correct what is named below, or hand it in with error behaviour proceed to keep the good events.",
        )
    return Document(tuple(events), tuple(refused))


def _first(faults: list[BadInput], source: str) -> list[BadInput]:
    """All that a person can read; the rest is counted."""
    if len(faults) <= _MOST_FAULTS:
        return faults
    more = BadInput(f"There are {len(faults) - _MOST_FAULTS} more faults.", where=source, hint="Correct these first.")
    return [*faults[:_MOST_FAULTS], more]


def _check_head(envelope: Envelope, source: str) -> None:
    """The document's own fields (EPCIS 2.0 section 9.3). Those of XML stand in its schema; what is needed of them is
    the events.
    """
    problems = Problems(source)
    head = envelope.head
    if not envelope.events:
        problems.add("/epcisBody/eventList", "The document holds no events", "Put at least one event into eventList.")
    if not envelope.is_xml:
        if "@context" not in head:
            problems.add(
                "/@context",
                "The document has no @context, so its words have no meaning",
                'Add "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"].',
            )
        if envelope.events and envelope.events[0].pointer:
            _check_json_head(head, Values(problems, envelope.events[0].context), problems)
    if problems.found:
        raise BadDocument("The document is refused.", problems.found, where=source)


def _check_json_head(head: Any, values: Values, problems: Problems) -> None:
    kind = head.get("type")
    if not isinstance(kind, str) or kind_name(kind, values.context.prefixes) not in (
        "EPCISDocument",
        "EPCISQueryDocument",
    ):
        problems.add("/type", f"The document's type is {describe(kind)}", 'Write "type": "EPCISDocument".')
    version = head.get("schemaVersion")
    if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
        problems.add("/schemaVersion", f"schemaVersion is {describe(version)}", 'Write "schemaVersion": "2.0".')
    values.time(head.get("creationDate"), "/creationDate", "creationDate")


def _read_event(raw: RawEvent, ignored: frozenset[str], problems: Problems) -> Event | None:
    """The event, or None where `problems` says why not."""
    if not isinstance(raw.body, dict):
        problems.add(raw.pointer, f"An event must be an object, and is {describe(raw.body)}", "Write {…}.")
        return None
    try:
        context = _context_of(raw, problems)
        parts = check_event(raw.body, Values(problems, context), raw.pointer)
        if problems.found:
            return None
        return _event(raw, parts, context, ignored)
    except BadInput as problem:  # a context that is none, or what only the hash noticed
        problems.adopt(raw.pointer, problem)
        return None


def _context_of(raw: RawEvent, problems: Problems) -> Context:
    context = raw.context
    if raw.pointer and "@context" in raw.body:
        context = extend_context(context, raw.body["@context"])
    if not context.gs1:
        problems.add(
            f"{raw.pointer}/@context",
            "The @context does not name the EPCIS context of GS1, so the event's words have no meaning",
            "Add https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld to @context.",
        )
    return context


def _event(raw: RawEvent, parts: Parts, context: Context, ignored: frozenset[str]) -> Event:
    return Event(
        position=raw.position,
        body=raw.body,
        event_type=parts.event_type,
        event_time=parts.event_time,
        time_zone_offset=parts.time_zone_offset,
        action=parts.action,
        biz_step=parts.biz_step,
        disposition=parts.disposition,
        read_point=parts.read_point,
        biz_location=parts.biz_location,
        items=parts.items,
        biz_transactions=parts.biz_transactions,
        event_id=parts.event_id,
        sensors=bool(parts.sensor_reports),
        measured_by_device=any(report.device_id for report in parts.sensor_reports),
        sensor_reports=parts.sensor_reports,
        hash=hash_body(raw.body, context, ignored),
    )


def _one_error(raw: RawEvent, problems: Problems) -> BadInput:
    if len(problems.found) == 1:
        only = problems.found[0]
        only.values.setdefault("position", raw.position)
        return only
    error = BadDocument(
        f"Event {raw.position + 1} has {len(problems.found)} faults.", problems.found, where=problems.place(raw.pointer)
    )
    error.values["position"] = raw.position
    return error
