"""A journey's events as one EPCIS 2.0 document (JSON-LD), each as it was captured: its words, its extensions, its hash.

Events come from documents with contexts of their own; each keeps its own beside it. Fields that a repository had put in and declared
to be none of the event's (`ignoreFields`) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from ledger.errors import BrokenEvidence, SuyuanError
from ledger.store.documents import Documents
from ledger.trace.epcis import read_document
from ledger.trace.epcis.context import KNOWN_PREFIXES, NOTHING, Context
from ledger.trace.epcis.envelope import Envelope, expand_name, open_envelope
from ledger.trace.stated import StatedEvent

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_DOCUMENTS_KEPT = 64
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def epcis_document(documents: Documents, events: Iterable[StatedEvent], created_at: datetime) -> bytes:
    """The document of these events, each once, in order of time. At least one: a document without events is none.

    BrokenEvidence where an event would not have the hash under which it was recorded.
    """
    opened = lru_cache(maxsize=_DOCUMENTS_KEPT)(lambda digest: _open(documents, digest))
    chosen = {event.event_hash: event for event in events}
    ordered = sorted(chosen.values(), key=lambda event: (event.event_time, event.event_hash))
    moment = created_at.astimezone(UTC)
    data = _ENCODER.encode(
        {
            "@context": [CONTEXT],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            "epcisBody": {"eventList": [_as_captured(event, opened) for event in ordered]},
        }
    )
    read = read_document(data, source="journey").events
    for event, again in zip(ordered, read, strict=True):
        if event.event_hash != again.hash.hex:
            raise BrokenEvidence(
                f"Event {event.event_hash} would leave as {again.hash.hex}.",
                where=event.event_hash,
                hint="Take its document from the document store instead.",
            )
    return data


def _open(documents: Documents, digest: str) -> Envelope | None:
    """A stored document; None where this home does not hold it."""
    try:
        return open_envelope(documents.get(digest), digest)
    except SuyuanError:
        return None


def _as_captured(event: StatedEvent, opened: Any) -> dict[str, Any]:
    for said in event.statements:
        envelope = opened(said.document) if said.document is not None else None
        if envelope is not None and said.position is not None and said.position < len(envelope.events):
            raw = envelope.events[said.position]
            body = _without(raw.body, raw.context.prefixes, envelope.ignored)
            return _with_context(body, raw.context, bare=not raw.pointer and not envelope.is_xml)
    return _with_context(dict(event.body), NOTHING, bare=False)


def _with_context(body: Mapping[str, Any], outer: Context, *, bare: bool) -> dict[str, Any]:
    """The event with what its document's context said of names; a bare event's own context is the document's."""
    own = body.get("@context", [])
    inner = own if isinstance(own, list) else [own]
    declared = {name: uri for name, uri in outer.prefixes.items() if KNOWN_PREFIXES.get(name) != uri}
    context = [*outer.unknown, *([declared] if declared else []), *([] if bare else inner)]
    rest = {name: value for name, value in body.items() if name != "@context"}
    return {"@context": context, **rest} if context else rest


def _without(value: Any, prefixes: Mapping[str, str], ignored: frozenset[str]) -> Any:
    if not ignored:
        return value
    if isinstance(value, list):
        return [_without(one, prefixes, ignored) for one in value]
    if isinstance(value, dict):
        return {
            name: _without(one, prefixes, ignored)
            for name, one in value.items()
            if expand_name(name, prefixes) not in ignored
        }
    return value
