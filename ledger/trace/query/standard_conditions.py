"""The parameters of the EPCIS 2.0 SimpleEventQuery that have names of their own (section 8.2.7.1.1), each as a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.times import utc_milliseconds
from ledger.trace.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    DISPOSITION,
    ERROR_REASON,
    GS1_VOC,
    SOURCE_DEST_TYPE,
    Vocabulary,
    kind_name,
)
from ledger.trace.query.comparisons import COMPARE, holds
from ledger.trace.query.event_query import QueriedEvent, Test
from ledger.trace.query.look_up import (
    entries,
    number_of,
    objects,
    plain,
    quantities,
    sensor_reports,
    sensor_values,
    word_of,
)
from ledger.trace.query.match_epc import epc_matcher

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ACTIONS = ("ADD", "OBSERVE", "DELETE")

Values = Sequence[Any]
Prefixes = Mapping[str, str]
Maker = Callable[[str, Values, Prefixes], Test]

_MATCH_ROLES: Mapping[str, tuple[tuple[str, ...], bool]] = {  # roles, and whether classes are meant
    "MATCH_epc": (("object", "child"), False),
    "MATCH_parentID": (("parent",), False),
    "MATCH_inputEPC": (("input",), False),
    "MATCH_outputEPC": (("output",), False),
    "MATCH_anyEPC": (("object", "child", "parent", "input", "output"), False),
    "MATCH_epcClass": (("object", "child"), True),
    "MATCH_inputEPCClass": (("input",), True),
    "MATCH_outputEPCClass": (("output",), True),
    "MATCH_anyEPCClass": (("object", "child", "input", "output"), True),
}
_SENSOR_TEXTS = (
    "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules",
    "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "coordinateReferenceSystem",
)  # fmt: skip
_SENSOR_NUMBERS = "value|minValue|maxValue|meanValue|sDev|percValue"
_UNIT = "[A-Z0-9]{2,4}"


def standard_condition(name: str, values: Values, prefixes: Prefixes) -> Test | None:
    """The condition, or None where the standard has no parameter of this name. BadInput where a value does not fit."""
    maker = _MAKERS.get(name)
    if maker is not None:
        return maker(name, values, prefixes)
    for pattern, make in _PATTERNS:
        if pattern.fullmatch(name):
            return make(name, values, prefixes)
    return None


# --- words and identifiers -------------------------------------------------------------------------------------------


def _event_type(name: str, values: Values, prefixes: Prefixes) -> Test:
    wanted = {kind_name(_text(name, one), prefixes) for one in values}
    _among(name, wanted, EVENT_TYPES)
    return lambda event: event.event_type in wanted


def _action(name: str, values: Values, _: Prefixes) -> Test:
    wanted = {_text(name, one) for one in values}
    _among(name, wanted, ACTIONS)
    return lambda event: event.body.get("action") in wanted


def _words(vocabulary: Vocabulary, find: Callable[[QueriedEvent], list[Any]]) -> Maker:
    def make(name: str, values: Values, prefixes: Prefixes) -> Test:
        wanted = {word_of(_text(name, one), vocabulary, prefixes) for one in values}
        return lambda event: any(
            isinstance(said, str) and word_of(said, vocabulary, event.prefixes) in wanted for said in find(event)
        )

    return make


def _within(field: str, *path: str) -> Callable[[QueriedEvent], list[Any]]:
    """The values at a path of names in the body."""

    def find(event: QueriedEvent) -> list[Any]:
        found = entries(event.body.get(field))
        for name in path:
            found = [value for held in objects(found) for value in entries(held.get(name))]
        return found

    return find


def _identifiers(find: Callable[[QueriedEvent], list[Any]], *, under: bool = False) -> Maker:
    """Equal, or with `under` also below: a GLN with extension lies within the GLN (WD_…)."""

    def make(name: str, values: Values, prefixes: Prefixes) -> Test:
        wanted = {plain(_uri(name, one), prefixes) for one in values}

        def test(event: QueriedEvent) -> bool:
            said = {plain(one, event.prefixes) for one in find(event) if isinstance(one, str)}
            if under:
                return any(one == outer or one.startswith(f"{outer}/") for one in said for outer in wanted)
            return not said.isdisjoint(wanted)

        return test

    return make


def _event_id(name: str, values: Values, _: Prefixes) -> Test:
    wanted = {_text(name, one) for one in values}
    return lambda event: not event.ids.isdisjoint(wanted)


def _match(name: str, values: Values, _: Prefixes) -> Test:
    roles, classes = _MATCH_ROLES[name]
    matchers = [epc_matcher(_text(name, one)) for one in values]
    return lambda event: any(
        role in roles and is_class == classes and any(matches(epc) for matches in matchers)
        for role, epc, is_class in event.epcs
    )


def _typed(list_name: str, entry_name: str, vocabulary: Vocabulary, prefix: str) -> Maker:
    """EQ_bizTransaction_po, EQ_source_location, EQ_destination_owning_party: entries of one type."""

    def make(name: str, values: Values, prefixes: Prefixes) -> Test:
        kind = word_of(name.removeprefix(prefix), vocabulary, prefixes)
        wanted = {plain(_text(name, one), prefixes) for one in values}

        def test(event: QueriedEvent) -> bool:
            return any(
                (kind == "" or word_of(str(entry.get("type", "")), vocabulary, event.prefixes) == kind)
                and plain(entry.get(entry_name), event.prefixes) in wanted
                for entry in objects(event.body.get(list_name))
            )

        return test

    return make


# --- times, numbers, presence ----------------------------------------------------------------------------------------


def _time(find: Callable[[QueriedEvent], list[Any]]) -> Maker:
    def make(name: str, values: Values, _: Prefixes) -> Test:
        wanted, compare = time_value(name, values), COMPARE[name[:2]]
        return lambda event: any(holds(compare, said, wanted) for said in find(event))

    return make


def time_value(name: str, values: Values) -> str:
    """One time in UTC with milliseconds. BadInput where it is none."""
    text = _text(name, _single(name, values))
    found = utc_milliseconds(text.strip())
    if found is None:
        raise BadInput(
            f"{text!r} is no time with a zone.", hint="Write 2026-04-17T09:26:42+08:00 or 2026-04-17T01:26:42.000Z."
        )
    return found


def _quantity(name: str, values: Values, _: Prefixes) -> Test:
    op, unit = name[:2], name[3:].partition("_")[2] or None
    wanted = [_number(name, one) for one in (values if op == "EQ" else [_single(name, values)])]

    def test(event: QueriedEvent) -> bool:
        for said, uom in quantities(event):
            if unit is None or uom == unit:
                if op == "EQ" and number_of(said) in wanted:
                    return True
                if op != "EQ" and holds(COMPARE[op], said, wanted[0]):
                    return True
        return False

    return test


def _sensor_number(name: str, values: Values, _: Prefixes) -> Test:
    """EQ_value_CEL, LT_maxValue_CEL, GE_percRank: a report's number in the unit that is named."""
    op = name[:2]
    field, unit = name[3:].split("_") if "_" in name[3:] else (name[3:], "")
    wanted = [_number(name, one) for one in (values if op == "EQ" else [_single(name, values)])]

    def test(event: QueriedEvent) -> bool:
        for report in sensor_reports(event):
            if field in report and (not unit or report.get("uom") == unit):
                if op == "EQ" and number_of(report[field]) in wanted:
                    return True
                if op != "EQ" and holds(COMPARE[op], report[field], wanted[0]):
                    return True
        return False

    return test


def _sensor_text(name: str, values: Values, prefixes: Prefixes) -> Test:
    field = name.removeprefix("EQ_")
    wanted = {plain(one, prefixes) for one in values}
    return lambda event: any(plain(said, event.prefixes) in wanted for said in sensor_values(event, field))


def _sensor_type(name: str, values: Values, prefixes: Prefixes) -> Test:
    wanted = {plain(_text(name, one), prefixes).removeprefix(GS1_VOC) for one in values}
    return lambda event: any(
        plain(report.get("type"), event.prefixes).removeprefix(GS1_VOC) in wanted for report in sensor_reports(event)
    )


def _exists(field: str) -> Maker:
    def make(name: str, values: Values, _: Prefixes) -> Test:
        return lambda event: bool(event.body.get(field))

    return make


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{name} takes text, not {value!r}.")
    return value


def _uri(name: str, value: Any) -> str:
    text = _text(name, value)
    if ":" not in text:
        raise BadInput(f"{name} takes a URI, not {text!r}.", hint="Write an EPC URN or a GS1 Digital Link URI.")
    return text


def _number(name: str, value: Any) -> Any:
    found = number_of(value)
    if found is None:
        raise BadInput(f"{name} takes a number, not {value!r}.")
    return found


def _single(name: str, values: Values) -> Any:
    if len(values) != 1:
        raise BadInput(f"{name} takes one value, not {len(values)}.")
    return values[0]


def _among(name: str, said: set[str], known: Sequence[str]) -> None:
    strange = sorted(said - set(known))
    if strange:
        raise BadInput(f"{name} knows no {strange[0]!r}.", hint=f"Use one of: {', '.join(known)}.")


_MAKERS: Mapping[str, Maker] = {
    "eventType": _event_type,
    "EQ_action": _action,
    "EQ_bizStep": _words(BIZ_STEP, _within("bizStep")),
    "EQ_disposition": _words(DISPOSITION, _within("disposition")),
    "EQ_persistentDisposition_set": _words(DISPOSITION, _within("persistentDisposition", "set")),
    "EQ_persistentDisposition_unset": _words(DISPOSITION, _within("persistentDisposition", "unset")),
    "EQ_errorReason": _words(ERROR_REASON, _within("errorDeclaration", "reason")),
    "EQ_correctiveEventID": _identifiers(_within("errorDeclaration", "correctiveEventIDs")),
    "EQ_readPoint": _identifiers(_within("readPoint", "id")),
    "WD_readPoint": _identifiers(_within("readPoint", "id"), under=True),
    "EQ_bizLocation": _identifiers(_within("bizLocation", "id")),
    "WD_bizLocation": _identifiers(_within("bizLocation", "id"), under=True),
    "EQ_transformationID": _identifiers(_within("transformationID")),
    "EQ_certificationInfo": _identifiers(_within("certificationInfo")),
    "EQ_eventID": _event_id,
    **dict.fromkeys(_MATCH_ROLES, _match),
    **{f"{op}_eventTime": _time(lambda event: [event.event_time]) for op in COMPARE},
    **{f"{op}_recordTime": _time(lambda event: [event.record_time]) for op in COMPARE},
    **{f"{op}_errorDeclarationTime": _time(_within("errorDeclaration", "declarationTime")) for op in COMPARE},
    **{f"{op}_errorDeclaration_Time": _time(_within("errorDeclaration", "declarationTime")) for op in COMPARE},
    **{f"{op}_time": _time(lambda event: list(sensor_values(event, "time"))) for op in COMPARE},
    **{f"{op}_startTime": _time(lambda event: list(sensor_values(event, "startTime"))) for op in COMPARE},
    **{f"{op}_endTime": _time(lambda event: list(sensor_values(event, "endTime"))) for op in COMPARE},
    "EXISTS_errorDeclaration": _exists("errorDeclaration"),
    "EXISTS_sensorElementList": _exists("sensorElementList"),
    "EXISTS_ilmd": _exists("ilmd"),
    "EQ_type": _sensor_type,
    **{f"EQ_{name}": _sensor_text for name in _SENSOR_TEXTS},
}
_PATTERNS: tuple[tuple[re.Pattern[str], Maker], ...] = (
    (
        re.compile(r"EQ_bizTransaction_\S*"),
        _typed("bizTransactionList", "bizTransaction", BIZ_TRANSACTION_TYPE, "EQ_bizTransaction_"),
    ),
    (re.compile(r"EQ_source_\S+"), _typed("sourceList", "source", SOURCE_DEST_TYPE, "EQ_source_")),
    (
        re.compile(r"EQ_destination_\S+"),
        _typed("destinationList", "destination", SOURCE_DEST_TYPE, "EQ_destination_"),
    ),
    (re.compile(rf"(EQ|GT|GE|LT|LE)_quantity(_{_UNIT})?"), _quantity),
    (re.compile(rf"(EQ|GT|GE|LT|LE)_({_SENSOR_NUMBERS})_{_UNIT}"), _sensor_number),
    (re.compile(r"(EQ|GT|GE|LT|LE)_percRank"), _sensor_number),
)
