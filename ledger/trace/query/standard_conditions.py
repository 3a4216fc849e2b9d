"""The parameters of the EPCIS 2.0 SimpleEventQuery that have names of their own (section 8.2.7.1.1), each as a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ledger.trace.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    DISPOSITION,
    ERROR_REASON,
    SOURCE_DEST_TYPE,
    Vocabulary,
    kind_name,
)
from ledger.trace.query.comparisons import COMPARE
from ledger.trace.query.event_query import QueriedEvent, Test
from ledger.trace.query.look_up import (
    entries,
    objects,
    plain,
    sensor_values,
    word_of,
)
from ledger.trace.query.match_epc import epc_matcher
from ledger.trace.query.measure_conditions import quantity, sensor_number, sensor_text, sensor_type, time
from ledger.trace.query.parameter_values import Maker, Prefixes, Values, among, text, uri

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
ACTIONS = ("ADD", "OBSERVE", "DELETE")

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
    wanted = {kind_name(text(name, one), prefixes) for one in values}
    among(name, wanted, EVENT_TYPES)
    return lambda event: event.event_type in wanted


def _action(name: str, values: Values, _: Prefixes) -> Test:
    wanted = {text(name, one) for one in values}
    among(name, wanted, ACTIONS)
    return lambda event: event.body.get("action") in wanted


def _words(vocabulary: Vocabulary, find: Callable[[QueriedEvent], list[Any]]) -> Maker:
    def make(name: str, values: Values, prefixes: Prefixes) -> Test:
        wanted = {word_of(text(name, one), vocabulary, prefixes) for one in values}
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
        wanted = {plain(uri(name, one), prefixes) for one in values}

        def test(event: QueriedEvent) -> bool:
            said = {plain(one, event.prefixes) for one in find(event) if isinstance(one, str)}
            if under:
                return any(one == outer or one.startswith(f"{outer}/") for one in said for outer in wanted)
            return not said.isdisjoint(wanted)

        return test

    return make


def _event_id(name: str, values: Values, _: Prefixes) -> Test:
    wanted = {text(name, one) for one in values}
    return lambda event: not event.ids.isdisjoint(wanted)


def _match(name: str, values: Values, _: Prefixes) -> Test:
    roles, classes = _MATCH_ROLES[name]
    matchers = [epc_matcher(text(name, one)) for one in values]
    return lambda event: any(
        role in roles and is_class == classes and any(matches(epc) for matches in matchers)
        for role, epc, is_class in event.epcs
    )


def _typed(list_name: str, entry_name: str, vocabulary: Vocabulary, prefix: str) -> Maker:
    """EQ_bizTransaction_po, EQ_source_location, EQ_destination_owning_party: entries of one type."""

    def make(name: str, values: Values, prefixes: Prefixes) -> Test:
        kind = word_of(name.removeprefix(prefix), vocabulary, prefixes)
        wanted = {plain(text(name, one), prefixes) for one in values}

        def test(event: QueriedEvent) -> bool:
            return any(
                (kind == "" or word_of(str(entry.get("type", "")), vocabulary, event.prefixes) == kind)
                and plain(entry.get(entry_name), event.prefixes) in wanted
                for entry in objects(event.body.get(list_name))
            )

        return test

    return make


def _exists(field: str) -> Maker:
    def make(name: str, values: Values, _: Prefixes) -> Test:
        return lambda event: bool(event.body.get(field))

    return make


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
    **{f"{op}_eventTime": time(lambda event: [event.event_time]) for op in COMPARE},
    **{f"{op}_recordTime": time(lambda event: [event.record_time]) for op in COMPARE},
    **{f"{op}_errorDeclarationTime": time(_within("errorDeclaration", "declarationTime")) for op in COMPARE},
    **{f"{op}_errorDeclaration_Time": time(_within("errorDeclaration", "declarationTime")) for op in COMPARE},
    **{f"{op}_time": time(lambda event: list(sensor_values(event, "time"))) for op in COMPARE},
    **{f"{op}_startTime": time(lambda event: list(sensor_values(event, "startTime"))) for op in COMPARE},
    **{f"{op}_endTime": time(lambda event: list(sensor_values(event, "endTime"))) for op in COMPARE},
    "EXISTS_errorDeclaration": _exists("errorDeclaration"),
    "EXISTS_sensorElementList": _exists("sensorElementList"),
    "EXISTS_ilmd": _exists("ilmd"),
    "EQ_type": sensor_type,
    **{f"EQ_{name}": sensor_text for name in _SENSOR_TEXTS},
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
    (re.compile(rf"(EQ|GT|GE|LT|LE)_quantity(_{_UNIT})?"), quantity),
    (re.compile(rf"(EQ|GT|GE|LT|LE)_({_SENSOR_NUMBERS})_{_UNIT}"), sensor_number),
    (re.compile(r"(EQ|GT|GE|LT|LE)_percRank"), sensor_number),
)
