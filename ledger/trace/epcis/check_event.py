"""All checks of one event (EPCIS 2.0 section 7, CBV 2.0 sections 7 and 8). Collects every fault and returns the
parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledger.trace.epcis.check_sensors import check_sensors
from ledger.trace.epcis.check_values import Values, describe
from ledger.trace.epcis.check_what import check_what
from ledger.trace.epcis.event import EventItem, SensorReport
from ledger.trace.epcis.event_fields import ALL_FIELDS, FIELDS, REQUIRED
from ledger.trace.epcis.problems import escape
from ledger.trace.epcis.times import is_offset
from ledger.trace.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    DISPOSITION,
    ERROR_REASON,
    SOURCE_DEST_TYPE,
    Vocabulary,
    kind_name,
)
from ledger.trace.gs1 import Epc

ACTIONS = ("ADD", "OBSERVE", "DELETE")
_ERROR_FIELDS = frozenset({"declarationTime", "reason", "correctiveEventIDs"})
_PLACE_FIELDS = frozenset({"id"})


@dataclass(slots=True)
class Parts:
    """What an event says, in the forms that the ledger keeps. Trust it only where no fault was noted."""

    event_type: str = ""
    event_time: str = ""
    time_zone_offset: str = ""
    action: str | None = None
    biz_step: str | None = None
    disposition: str | None = None
    read_point: Epc | None = None
    biz_location: Epc | None = None
    items: tuple[EventItem, ...] = ()
    biz_transactions: tuple[tuple[str | None, str], ...] = ()
    event_id: str | None = None
    sensor_reports: tuple[SensorReport, ...] = field(default=())


def check_event(body: dict[str, Any], values: Values, pointer: str) -> Parts:
    """Note every fault of the event in `values.problems`, and return what it says."""
    parts = Parts()
    kind = body.get("type")
    if isinstance(kind, str):
        kind = kind_name(kind, values.context.prefixes)
    if not isinstance(kind, str) or kind not in FIELDS:
        values.problems.add(
            f"{pointer}/type",
            "The event has no type" if kind is None else f"The event's type is {describe(kind)}",
            f"Write one of {', '.join(FIELDS)}.",
        )
        return parts
    parts.event_type = kind
    for name in ("eventTime", "eventTimeZoneOffset", *REQUIRED[kind]):
        if name not in body:
            values.problems.add(
                f"{pointer}/{name}", f"The {kind} has no {name}, which is required", f'Add "{name}".', field=name
            )
    _when(body, values, pointer, parts)
    if "action" in body and "action" in FIELDS[kind]:
        parts.action = _action(body["action"], values, f"{pointer}/action")
    parts.items = check_what(body, kind, parts.action, values, pointer)
    _why(body, values, pointer, parts)
    for name in ("readPoint", "bizLocation"):
        if name in body:
            place = _place(body[name], values, f"{pointer}/{name}", name)
            if name == "readPoint":
                parts.read_point = place
            else:
                parts.biz_location = place
    if "sensorElementList" in body:
        parts.sensor_reports = check_sensors(values, body["sensorElementList"], f"{pointer}/sensorElementList")
    if "ilmd" in body and "ilmd" in FIELDS[kind]:
        _ilmd(body["ilmd"], parts, values, f"{pointer}/ilmd")
    _foreign(body, kind, values, pointer)
    return parts


def _when(body: dict[str, Any], values: Values, pointer: str, parts: Parts) -> None:
    if "eventTime" in body:
        parts.event_time = values.time(body["eventTime"], f"{pointer}/eventTime", "eventTime") or ""
    if "recordTime" in body:
        values.time(body["recordTime"], f"{pointer}/recordTime", "recordTime")
    if "eventTimeZoneOffset" in body:
        offset = values.text(body["eventTimeZoneOffset"], f"{pointer}/eventTimeZoneOffset", "eventTimeZoneOffset")
        if offset is not None and not is_offset(offset):
            values.problems.add(
                f"{pointer}/eventTimeZoneOffset",
                f"eventTimeZoneOffset {offset!r} is no offset from UTC",
                "Write sign, hours and minutes, as in +08:00 or -04:00; UTC is +00:00.",
            )
        parts.time_zone_offset = offset or ""
    if "eventID" in body:
        parts.event_id = values.uri(body["eventID"], f"{pointer}/eventID", "eventID")
    if "certificationInfo" in body:
        for item, place in values.each(body["certificationInfo"], f"{pointer}/certificationInfo"):
            values.uri(item, place, "certificationInfo")
    if "errorDeclaration" in body:
        _error_declaration(body["errorDeclaration"], values, f"{pointer}/errorDeclaration")


def _action(value: Any, values: Values, pointer: str) -> str | None:
    if isinstance(value, str) and value in ACTIONS:
        return value
    values.problems.add(
        pointer, f"action must be ADD, OBSERVE or DELETE, and is {describe(value)}", "Write one of the three."
    )
    return None


def _why(body: dict[str, Any], values: Values, pointer: str, parts: Parts) -> None:
    if "bizStep" in body:
        parts.biz_step = values.word(body["bizStep"], f"{pointer}/bizStep", "bizStep", BIZ_STEP)
    if "disposition" in body:
        parts.disposition = values.word(body["disposition"], f"{pointer}/disposition", "disposition", DISPOSITION)
    if "persistentDisposition" in body:
        place = f"{pointer}/persistentDisposition"
        sets = values.object(body["persistentDisposition"], place, "persistentDisposition")
        if sets is not None:
            values.only(sets, frozenset({"set", "unset"}), place, "persistentDisposition")
            for name in ("set", "unset"):
                for item, spot in values.each(sets.get(name, []), f"{place}/{name}"):
                    values.word(item, spot, name, DISPOSITION)
    parts.biz_transactions = _typed(body, "bizTransactionList", "bizTransaction", BIZ_TRANSACTION_TYPE, values, pointer)
    _typed(body, "sourceList", "source", SOURCE_DEST_TYPE, values, pointer)
    _typed(body, "destinationList", "destination", SOURCE_DEST_TYPE, values, pointer)


def _typed(
    body: dict[str, Any], name: str, member: str, vocabulary: Vocabulary, values: Values, pointer: str
) -> tuple[tuple[str | None, str], ...]:
    """A list of type and identifier. Sources and destinations must have a type; business transactions may."""
    if name not in body:
        return ()
    pairs: list[tuple[str | None, str]] = []
    for item, place in values.each(body[name], f"{pointer}/{name}"):
        fields = values.object(item, place, member)
        if fields is None:
            continue
        values.only(fields, frozenset({"type", member}), place, member)
        kind: str | None = None
        if "type" in fields:
            kind = values.word(fields["type"], f"{place}/type", "type", vocabulary)
        elif member != "bizTransaction":
            values.problems.add(
                f"{place}/type", f"The {member} has no type", f"Say which: {', '.join(sorted(vocabulary.words))}."
            )
        if values.epc(fields.get(member), f"{place}/{member}", member) is not None:
            pairs.append((kind, fields[member].strip()))
    return tuple(pairs)


def _place(value: Any, values: Values, pointer: str, name: str) -> Epc | None:
    fields = values.object(value, pointer, name)
    if fields is None:
        return None
    values.extensions(fields, _PLACE_FIELDS, pointer, name)
    return values.epc(fields.get("id"), f"{pointer}/id", "id")


def _error_declaration(value: Any, values: Values, pointer: str) -> None:
    fields = values.object(value, pointer, "errorDeclaration")
    if fields is None:
        return
    values.time(fields.get("declarationTime"), f"{pointer}/declarationTime", "declarationTime")
    if "reason" in fields:
        values.word(fields["reason"], f"{pointer}/reason", "reason", ERROR_REASON)
    for item, place in values.each(fields.get("correctiveEventIDs", []), f"{pointer}/correctiveEventIDs"):
        values.uri(item, place, "correctiveEventIDs")
    values.extensions(fields, _ERROR_FIELDS, pointer, "errorDeclaration")


def _ilmd(value: Any, parts: Parts, values: Values, pointer: str) -> None:
    fields = values.object(value, pointer, "ilmd")
    if fields is None:
        return
    if parts.event_type == "ObjectEvent" and parts.action in ("OBSERVE", "DELETE"):
        values.problems.add(
            pointer,
            f"Master data of an instance or lot (ilmd) stands beside action {parts.action}",
            "It is allowed with ADD only, where the things come into being.",
        )
    values.extensions(fields, frozenset(), pointer, "ilmd")


def _foreign(body: dict[str, Any], kind: str, values: Values, pointer: str) -> None:
    """Fields of other kinds of events, and extensions without namespace."""
    others = ALL_FIELDS - FIELDS[kind]
    for name in body:
        if name in others:
            values.problems.add(
                f"{pointer}/{escape(name)}",
                f"A {kind} has no field {name!r}; other kinds of events have",
                "Remove it.",
                field=name,
            )
    values.extensions(body, ALL_FIELDS, pointer, f"the {kind}")
