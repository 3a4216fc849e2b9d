"""Where in an event's body the values stand that a parameter speaks of, each in its canonical form (CBV 2.0 section 8.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.trace.epcis.canonical import canonical_value
from ledger.trace.epcis.times import utc_milliseconds
from ledger.trace.epcis.vocabulary import Vocabulary, expand_curie, web_form
from ledger.trace.query.event_query import QueriedEvent

NAMED_FIELDS = frozenset(
    {"ilmd", "errorDeclaration", "sensorElementList", "readPoint", "bizLocation", "persistentDisposition"}
)


def entries(value: Any) -> list[Any]:
    """A list as it is, nothing as no entries, one thing as the only one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in entries(value) if isinstance(one, dict))


def word_of(text: str, vocabulary: Vocabulary, prefixes: Mapping[str, str]) -> str:
    """A word of the vocabulary in any of its spellings as its bare word; another URI as it is."""
    return web_form(expand_curie(text.strip(), prefixes)).removeprefix(vocabulary.web)


def plain(value: Any, prefixes: Mapping[str, str]) -> str:
    """A value to compare for equality: GS1 keys canonical, numbers without trailing zeros, CURIEs spelt out."""
    return canonical_value(value, prefixes, number=True)


def number_of(value: Any) -> Decimal | None:
    """The number that it is or says."""
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def comparable(value: Any) -> Decimal | str | None:
    """A number, or a time in UTC: what may be greater or less than another of its kind."""
    number = number_of(value)
    return number if number is not None else utc_milliseconds(str(value).strip()) if isinstance(value, str) else None


def quantities(event: QueriedEvent) -> Iterator[tuple[Any, str | None]]:
    """Each quantity of any list with its unit (UN/CEFACT code), None where pieces are counted."""
    for name in ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"):
        for entry in objects(event.body.get(name)):
            if "quantity" in entry:
                yield entry["quantity"], entry.get("uom")


def sensor_elements(event: QueriedEvent) -> Iterator[Mapping[str, Any]]:
    yield from objects(event.body.get("sensorElementList"))


def sensor_reports(event: QueriedEvent) -> Iterator[Mapping[str, Any]]:
    for element in sensor_elements(event):
        yield from objects(element.get("sensorReport"))


def sensor_values(event: QueriedEvent, name: str) -> Iterator[Any]:
    """What a report says under `name`, and what the metadata of its element says."""
    for element in sensor_elements(event):
        for holder in (*objects(element.get("sensorMetadata")), *objects(element.get("sensorReport"))):
            if name in holder:
                yield holder[name]


def section(event: QueriedEvent, name: str) -> list[Mapping[str, Any]]:
    """The part of the event in which an extension field is looked for: the event itself for ""."""
    body = event.body
    if name == "":
        return [body]
    if name == "ILMD":
        return list(objects(body.get("ilmd")))
    if name == "ERROR_DECLARATION":
        return list(objects(body.get("errorDeclaration")))
    if name == "SENSORELEMENT":
        return list(sensor_elements(event))
    if name == "SENSORMETADATA":
        return [held for element in sensor_elements(event) for held in objects(element.get("sensorMetadata"))]
    if name == "SENSORREPORT":
        return list(sensor_reports(event))
    return list(objects(body.get(name)))


def extension_values(event: QueriedEvent, where: str, name: str, *, inner: bool) -> Iterator[Any]:
    """The values of an extension field by its full name (namespace and local name): at the top of the section, or
    with `inner` at any depth below the top."""
    for part in section(event, where):
        yield from _named(part, name, event.prefixes, depth=0, inner=inner)


def _named(part: Any, name: str, prefixes: Mapping[str, str], *, depth: int, inner: bool) -> Iterator[Any]:
    if isinstance(part, list):
        for one in part:
            yield from _named(one, name, prefixes, depth=depth, inner=inner)
        return
    if not isinstance(part, dict):
        return
    for field, value in part.items():
        if expand_curie(field, prefixes) == name and (depth > 0) == inner:
            yield from entries(value)
        if inner and (depth > 0 or field not in NAMED_FIELDS):
            yield from _named(value, name, prefixes, depth=depth + 1, inner=True)
