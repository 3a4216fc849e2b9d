"""What the journey reads from an event's body (the event as captured, JSON form) beyond the columns of its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledger.trace.stated import SensorValue

_VALUES = ("value", "meanValue", "minValue", "maxValue", "percValue", "stringValue", "booleanValue", "hexBinaryValue")


def read_body(text: str) -> dict[str, Any]:
    """The body with its decimals as they were said."""
    body = json.loads(text, parse_float=Decimal)
    return body if isinstance(body, dict) else {}


def parties(body: Mapping[str, Any], list_name: str, entry_name: str) -> list[str]:
    """The identifiers in `sourceList` (`source`) or `destinationList` (`destination`), places before owners."""
    entries = [entry for entry in _list(body.get(list_name)) if isinstance(entry, dict)]
    entries.sort(key=lambda entry: not str(entry.get("type", "")).endswith("location"))
    found = (entry.get(entry_name) for entry in entries)
    return [party for party in found if isinstance(party, str)]


def sensor_values(body: Mapping[str, Any]) -> tuple[SensorValue, ...]:
    """Each value of `sensorElementList`, with the device of its report or, failing that, of its element's metadata."""
    return tuple(_sensor_values(body))


def transformation_id(body: Mapping[str, Any]) -> str | None:
    """What ties several events of one transformation together (EPCIS 2.0 section 7.4.6)."""
    found = body.get("transformationID")
    return found if isinstance(found, str) else None


def _sensor_values(body: Mapping[str, Any]) -> Iterator[SensorValue]:
    for element in _list(body.get("sensorElementList")):
        if not isinstance(element, dict):
            continue
        metadata = element.get("sensorMetadata")
        device = metadata.get("deviceID") if isinstance(metadata, dict) else None
        for report in _list(element.get("sensorReport")):
            if not isinstance(report, dict):
                continue
            value = next((report[name] for name in _VALUES if name in report), None)
            if value is not None:
                kind = report.get("type")
                yield SensorValue(
                    type=str(kind).removeprefix("gs1:") if kind is not None else None,
                    value=json.dumps(value) if isinstance(value, bool) else str(value),
                    uom=str(report["uom"]) if "uom" in report else None,
                    device_id=report.get("deviceID") or device,
                )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
