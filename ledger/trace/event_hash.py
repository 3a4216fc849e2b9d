"""The CBV 2.0 event hash (GS1 CBV 2.0 section 8.9) of every event in a document, whatever its form, and of one read
event.
"""

from __future__ import annotations

from ledger.errors import BadDocument, BadInput
from ledger.trace.epcis.envelope import open_envelope
from ledger.trace.epcis.event import Event, EventHash
from ledger.trace.epcis.prehash import hash_event


def event_hash(event: Event) -> EventHash:
    """The hash of an event that was read; it was computed when it was read."""
    return event.hash


def hashes_of_document(data: bytes, source: str) -> list[EventHash]:
    """The hash of each event in document order, EPCISDocument or EPCISQueryDocument or a bare event, JSON or XML
    alike.

    It does not judge: an event that a capture would refuse is hashed as well. BadDocument where the document cannot
    be read.
    """
    envelope = open_envelope(data, source)
    hashes, problems = [], []
    for raw in envelope.events:
        try:
            hashes.append(hash_event(raw, envelope.ignored))
        except BadInput as problem:
            problem.where = f"{source}#{raw.pointer}"
            problems.append(problem)
    if problems:
        raise BadDocument(f"{len(problems)} of {len(envelope.events)} events cannot be hashed.", problems, where=source)
    return hashes
