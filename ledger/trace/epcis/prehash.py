"""The pre-hash string of an event (GS1 CBV 2.0 section 8.9) and its hash.

The order of fields is that of the published vectors of the reference implementation, which is finer than the
standard's table: after the ordered fields, lists with typed members, ilmd and the user extensions follow together,
sorted by their text. So destinations stand before sources. eventID, recordTime, errorDeclaration, @context and
comments are no part of the hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.canonical import canonical_time, canonical_value
from ledger.trace.epcis.context import Context, extend_context
from ledger.trace.epcis.envelope import RawEvent, expand_name
from ledger.trace.epcis.event import EventHash
from ledger.trace.epcis.vocabulary import (
    BIZ_STEP,
    BIZ_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    EXCEPTION,
    MEASUREMENT_TYPE,
    SOURCE_DEST_TYPE,
    Vocabulary,
    kind_name,
)

_DEEPEST = 64
_EPC_LISTS_BEFORE = ("epcList", "inputEPCList", "childEPCs")
_QUANTITY_LISTS_BEFORE = ("quantityList", "childQuantityList", "inputQuantityList")
_METADATA = (
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
)
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_TIMES = {"time", "startTime", "endTime"}
_WORDS: Mapping[str, Vocabulary] = {"type": MEASUREMENT_TYPE, "exception": EXCEPTION, "component": COMPONENT}
_AS_SAID = {"stringValue", "hexBinaryValue", "uom"}  # text, even where it looks like a number
_TYPED_LISTS = (
    ("bizTransactionList", "bizTransaction", BIZ_TRANSACTION_TYPE),
    ("destinationList", "destination", SOURCE_DEST_TYPE),
    ("sourceList", "source", SOURCE_DEST_TYPE),
)
# Everything that has its own place above or is no part of the hash; what is left are extensions.
_PLACED = frozenset({
    "type", "eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID", "epcList", "inputEPCList",
    "childEPCs", "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList", "outputQuantityList",
    "action", "transformationID", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "sensorElementList", "bizTransactionList", "sourceList", "destinationList", "ilmd", "recordTime", "eventID",
    "errorDeclaration", "@context", "comment",
})  # fmt: skip
_COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"


def hash_event(raw: RawEvent, ignored: frozenset[str] = frozenset()) -> EventHash:
    """The CBV 2.0 event hash. Reads any event that has a shape, also one that a capture would refuse."""
    if not isinstance(raw.body, dict):
        raise BadInput("An event is an object.", where=raw.pointer)
    context = raw.context
    if raw.pointer and "@context" in raw.body:
        context = extend_context(context, raw.body["@context"], where=f"{raw.pointer}/@context")
    return hash_body(raw.body, context, ignored)


def hash_body(body: Mapping[str, Any], context: Context, ignored: frozenset[str] = frozenset()) -> EventHash:
    """The hash of an event in JSON form, `context` being the one that holds inside it."""
    prehash = _Writer(context.prefixes, ignored).event(body)
    digest = hashlib.sha256(prehash.encode()).hexdigest()
    return EventHash(digest, f"ni:///sha-256;{digest}?ver=CBV2.0", prehash)


class _Writer:
    """Writes one event; holds what is the same all over it."""

    def __init__(self, prefixes: Mapping[str, str], ignored: frozenset[str]) -> None:
        self._prefixes = prefixes
        self._ignored = ignored

    def event(self, body: Mapping[str, Any]) -> str:
        kind = body.get("type", "")
        out = [f"eventType={kind_name(kind, self._prefixes) if isinstance(kind, str) else kind}"]
        if (time := body.get("eventTime")) is not None:
            out.append(f"eventTime={canonical_time(time)}")
        for name in ("eventTimeZoneOffset", "certificationInfo", "parentID"):
            out += self._simple(name, body.get(name))
        for name in _EPC_LISTS_BEFORE:
            out += self._epcs(name, body.get(name))
        for name in _QUANTITY_LISTS_BEFORE:
            out += self._quantities(name, body.get(name))
        out += self._epcs("outputEPCList", body.get("outputEPCList"))
        out += self._quantities("outputQuantityList", body.get("outputQuantityList"))
        for name in ("action", "transformationID"):
            out += self._simple(name, body.get(name))
        out += self._words("bizStep", body.get("bizStep"), BIZ_STEP)
        out += self._words("disposition", body.get("disposition"), DISPOSITION)
        persistent = body.get("persistentDisposition")
        if isinstance(persistent, dict):
            inside = [
                text for name in ("set", "unset") for text in self._words(name, persistent.get(name), DISPOSITION)
            ]
            out += ["persistentDisposition", *inside] if inside else []
        for name in ("readPoint", "bizLocation"):
            if isinstance(place := body.get(name), dict):
                inside = [*self._simple("id", place.get("id")), *self._extensions(place, {"id"})]
                out += [name, *inside] if inside else []
        out += self._sensors(body.get("sensorElementList"))
        rest = [
            text for name, member, words in _TYPED_LISTS if (text := self._typed(name, member, words, body.get(name)))
        ]
        if isinstance(ilmd := body.get("ilmd"), dict) and (inside := self._extensions(ilmd, frozenset())):
            rest.append("ilmd" + "".join(inside))
        rest += self._extensions(body, _PLACED)
        out += sorted(rest)
        return "".join(out)

    def _simple(self, name: str, value: Any) -> list[str]:
        """`name=value`, once for each of several values, sorted. An object where a value belongs is written as one."""
        if value is None:
            return []
        texts: list[str] = []
        for item in _each(value):
            if isinstance(item, dict | list):
                texts += self._extension(name, item, 0)
            elif text := self._text(item, number=False):
                texts.append(f"{name}={text}")
        return sorted(texts) if len(texts) > 1 else texts

    def _epcs(self, name: str, value: Any) -> list[str]:
        return [name, *texts] if (texts := self._simple("epc", value)) else []

    def _words(self, name: str, value: Any, vocabulary: Vocabulary) -> list[str]:
        if value is None:
            return []
        return sorted(f"{name}={text}" for item in _each(value) if (text := self._word(item, vocabulary)))

    def _word(self, value: Any, vocabulary: Vocabulary) -> str:
        if isinstance(value, str) and value in vocabulary.words:
            return vocabulary.web + value
        return self._text(value, number=False)

    def _quantities(self, name: str, value: Any) -> list[str]:
        elements = []
        for item in _each(value) if value is not None else ():
            if not isinstance(item, dict):
                continue
            text = "".join(self._simple("epcClass", item.get("epcClass")))
            if (quantity := item.get("quantity")) is not None:
                text += f"quantity={self._text(quantity, number=True)}"
            text += "".join(self._simple("uom", item.get("uom")))
            text += "".join(self._extensions(item, {"epcClass", "quantity", "uom"}))
            if text:
                elements.append("quantityElement" + text)
        return [name, *sorted(elements)] if elements else []

    def _typed(self, name: str, member: str, vocabulary: Vocabulary, value: Any) -> str:
        """Type before identifier, as the published vectors have it."""
        elements = []
        for item in _each(value) if value is not None else ():
            if isinstance(item, dict):
                text = "".join(self._words("type", item.get("type"), vocabulary)) + "".join(
                    self._simple(member, item.get(member))
                )
                if text:
                    elements.append(text)
        return name + "".join(sorted(elements)) if elements else ""

    def _sensors(self, value: Any) -> list[str]:
        elements = []
        for item in _each(value) if value is not None else ():
            if not isinstance(item, dict):
                continue
            text = ""
            if isinstance(metadata := item.get("sensorMetadata"), dict) and (
                inside := self._sensor(metadata, _METADATA)
            ):
                text += "sensorMetadata" + inside
            reports = item.get("sensorReport")
            written = (
                [self._sensor(report, _REPORT) for report in _each(reports) if isinstance(report, dict)]
                if reports
                else []
            )
            text += "".join(sorted("sensorReport" + report for report in written if report))
            text += "".join(self._extensions(item, {"sensorMetadata", "sensorReport"}))
            if text:
                elements.append("sensorElement" + text)
        return ["sensorElementList", *sorted(elements)] if elements else []

    def _sensor(self, fields: Mapping[str, Any], order: tuple[str, ...]) -> str:
        out: list[str] = []
        for name in order:
            value = fields.get(name)
            if value is None:
                continue
            if name in _TIMES:
                out.append(f"{name}={canonical_time(value)}")
            elif name in _WORDS:
                out += self._words(name, value, _WORDS[name])
            else:
                text = self._text(value, number=name not in _AS_SAID)
                out += [f"{name}={text}"] if text else []
        return "".join(out) + "".join(self._extensions(fields, frozenset(order)))

    def _extensions(self, fields: Mapping[str, Any], known: Iterable[str], depth: int = 0) -> list[str]:
        """The user extensions among `fields`, each with all that it holds, sorted (rules 19 to 21)."""
        out: list[str] = []
        for name, value in fields.items():
            if name in known or name == "@context":
                continue
            full = expand_name(name, self._prefixes)
            if full == _COMMENT or full in self._ignored:
                continue
            out += self._extension(full, value, depth)
        return sorted(out) if len(out) > 1 else out

    def _extension(self, name: str, value: Any, depth: int) -> list[str]:
        if depth > _DEEPEST:
            raise BadInput(f"The extension {name} nests more than {_DEEPEST} levels.", hint="Flatten it.")
        if isinstance(value, list):
            return [text for item in value for text in self._extension(name, item, depth + 1)]
        if isinstance(value, dict):
            writer = self._inside(value)
            text = writer._text(value["#text"], number=True) if "#text" in value else ""
            inside = "".join(writer._extensions(value, ("#text", "comment"), depth + 1))
            return [name + (f"={text}" if text else "") + inside]
        if value is None:
            return []
        text = self._text(value, number=True)
        return [f"{name}={text}" if text else name]

    def _inside(self, value: Mapping[str, Any]) -> _Writer:
        """Who writes what stands in `value`: prefixes may be declared there, too."""
        if "@context" not in value:
            return self
        inner = extend_context(Context(self._prefixes, {}, (), True), value["@context"])
        return _Writer(inner.prefixes, self._ignored)

    def _text(self, value: Any, *, number: bool) -> str:
        return canonical_value(value, self._prefixes, number=number)


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else (value,)
