"""EPCIS 2.0 events: read from JSON or XML, checked against EPCIS and CBV 2.0, hashed; never a fetched context."""

from ledger.trace.epcis.event import Document, Event, EventHash, EventItem, Role, SensorReport
from ledger.trace.epcis.json_form import body_from_text, body_text
from ledger.trace.epcis.read import Behaviour, read_document

__all__ = [
    "Behaviour",
    "Document",
    "Event",
    "EventHash",
    "EventItem",
    "Role",
    "SensorReport",
    "body_from_text",
    "body_text",
    "read_document",
]
