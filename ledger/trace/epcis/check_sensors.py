"""Checks of sensorElementList (EPCIS 2.0 sections 7.3.7 and 7.3.8), and what the ledger keeps of it."""

from __future__ import annotations

import re
from typing import Any

from ledger.trace.epcis.check_values import Values, describe
from ledger.trace.epcis.event import SensorReport
from ledger.trace.epcis.vocabulary import COMPONENT, EXCEPTION, MEASUREMENT_TYPE

_URIS = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")
_REPORT_URIS = (*_URIS, "microorganism", "chemicalSubstance", "uriValue", "coordinateReferenceSystem")
_NUMBERS = ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue")
_METADATA = frozenset((*_URIS, "time", "startTime", "endTime"))
_REPORT = frozenset((
    *_REPORT_URIS, *_NUMBERS, "type", "exception", "time", "component", "stringValue", "booleanValue",
    "hexBinaryValue", "uom",
))  # fmt: skip
_ELEMENT = frozenset(("sensorMetadata", "sensorReport"))
_HEX = re.compile(r"[0-9A-Fa-f]*")


def check_sensors(values: Values, listed: Any, pointer: str) -> tuple[SensorReport, ...]:
    """The reports of all elements; a report without its own time or device takes those of its element's metadata."""
    reports: list[SensorReport] = []
    for item, place in values.each(listed, pointer):
        element = values.object(item, place, "sensorElement")
        if element is None:
            continue
        device: str | None = None
        time: str | None = None
        if "sensorMetadata" in element:
            device, time = _metadata(values, element["sensorMetadata"], f"{place}/sensorMetadata")
        listed_reports = element.get("sensorReport")
        if not listed_reports:
            values.problems.add(
                f"{place}/sensorReport", "A sensorElement needs at least one sensorReport", 'Add "sensorReport": [{…}].'
            )
        else:
            for report, spot in values.each(listed_reports, f"{place}/sensorReport"):
                fields = values.object(report, spot, "sensorReport")
                if fields is not None:
                    reports.append(_report(values, fields, spot, device, time))
        values.extensions(element, _ELEMENT, place, "sensorElement")
    return tuple(reports)


def _metadata(values: Values, given: Any, pointer: str) -> tuple[str | None, str | None]:
    fields = values.object(given, pointer, "sensorMetadata")
    if fields is None:
        return None, None
    times = {
        name: values.time(fields[name], f"{pointer}/{name}", name)
        for name in ("time", "startTime", "endTime")
        if name in fields
    }
    for name in _URIS:
        if name in fields:
            values.uri(fields[name], f"{pointer}/{name}", name)
    start, end = times.get("startTime"), times.get("endTime")
    if start and end and start > end:
        values.problems.add(f"{pointer}/endTime", "endTime lies before startTime", "Exchange them, or correct one.")
    values.extensions(fields, _METADATA, pointer, "sensorMetadata")
    device = fields.get("deviceID")
    return device if isinstance(device, str) else None, times.get("time") or end


def _report(values: Values, fields: dict[str, Any], pointer: str, device: str | None, time: str | None) -> SensorReport:
    if "type" not in fields and "exception" not in fields:
        values.problems.add(
            f"{pointer}/type", "A sensorReport needs a type", 'Say what was measured: "type": "Temperature".'
        )
    kind = values.word(fields["type"], f"{pointer}/type", "type", MEASUREMENT_TYPE) if "type" in fields else None
    for name, vocabulary in (("exception", EXCEPTION), ("component", COMPONENT)):
        if name in fields:
            values.word(fields[name], f"{pointer}/{name}", name, vocabulary)
    for name in _REPORT_URIS:
        if name in fields:
            values.uri(fields[name], f"{pointer}/{name}", name)
    numbers = {name: values.number(fields[name], f"{pointer}/{name}", name) for name in _NUMBERS if name in fields}
    for name in ("stringValue", "uom"):
        if name in fields:
            values.text(fields[name], f"{pointer}/{name}", name)
    if "booleanValue" in fields and not isinstance(fields["booleanValue"], bool):
        values.problems.add(
            f"{pointer}/booleanValue",
            f"booleanValue must be true or false, and is {describe(fields['booleanValue'])}",
            "Write true or false without quotation marks.",
        )
    if "hexBinaryValue" in fields:
        text = values.text(fields["hexBinaryValue"], f"{pointer}/hexBinaryValue", "hexBinaryValue")
        if text is not None and (_HEX.fullmatch(text) is None or len(text) % 2):
            values.problems.add(
                f"{pointer}/hexBinaryValue",
                f"{text!r} is no hexadecimal text of whole bytes",
                "Write two hex digits a byte.",
            )
    own_time = values.time(fields["time"], f"{pointer}/time", "time") if "time" in fields else None
    values.extensions(fields, _REPORT, pointer, "sensorReport")
    own_device = fields.get("deviceID")
    return SensorReport(
        type=kind,
        value=numbers.get("value"),
        uom=fields.get("uom") if isinstance(fields.get("uom"), str) else None,
        time=own_time or time,
        device_id=own_device if isinstance(own_device, str) else device,
        min_value=numbers.get("minValue"),
        max_value=numbers.get("maxValue"),
        mean_value=numbers.get("meanValue"),
    )
