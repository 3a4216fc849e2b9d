"""An EPCIS 2.0 event as the rest of the ledger sees it: read once, checked once, never changed.

Holds records only; `ledger.trace.epcis.read_document` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ledger.errors import BadInput
from ledger.trace.gs1.epc import Epc

Role = Literal["object", "parent", "child", "input", "output"]


@dataclass(frozen=True, slots=True)
class EventHash:
    """The CBV 2.0 event hash (GS1 CBV 2.0 section 8.9). `hex` is SHA-256 of `prehash` in UTF-8; `ni` its RFC 6920
    URI.
    """

    hex: str
    ni: str
    prehash: str


@dataclass(frozen=True, slots=True)
class EventItem:
    """One EPC or class with quantity that an event names. `quantity` is the decimal text as said, never a float."""

    ordinal: int
    role: Role
    epc: Epc
    quantity: str | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True)
class SensorReport:
    """One measured value of a sensorElementList. `time` is UTC (from the report or its metadata); values are text as
    said.
    """

    type: str | None
    value: str | None
    uom: str | None
    time: str | None
    device_id: str | None
    min_value: str | None = None
    max_value: str | None = None
    mean_value: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a document.

    `position` counts from 0 over all events of the document. `body` is the event in JSON form as captured (numbers as
    Decimal or int; `ledger.trace.epcis.body_text` writes it as JSON without touching them). `event_time` is UTC with
    milliseconds and Z. `biz_step` and `disposition` are the bare CBV word (shipping) or a URI. `read_point` and
    `biz_location` are canonical or as said. Business transactions are (type: bare CBV word, URI or None; id as said).
    `measured_by_device` tells whether any sensor data names a deviceID.
    """

    position: int
    body: dict[str, Any]
    event_type: str
    event_time: str
    time_zone_offset: str
    action: str | None
    biz_step: str | None
    disposition: str | None
    read_point: Epc | None
    biz_location: Epc | None
    items: tuple[EventItem, ...]
    biz_transactions: tuple[tuple[str | None, str], ...]
    event_id: str | None
    sensors: bool
    measured_by_device: bool
    sensor_reports: tuple[SensorReport, ...]
    hash: EventHash


@dataclass(frozen=True, slots=True)
class Document:
    """The good events of a document in order, and one error for each event that was refused (only with `proceed`)."""

    events: tuple[Event, ...]
    refused: tuple[BadInput, ...]
