"""The sortable spreadsheet of the US FDA's Food Traceability Rule (21 CFR 1.1455(c)(3)(ii)): a sheet for each critical
tracking event, its columns the key data elements of sections 1.1325 to 1.1350, one row a lot and event.

What an event means is read as GS1 US maps the rule to EPCIS: a class is created by harvesting (or, with a catch zone, by the first
land-based receiver), a measured `other` step is cooling, a transformation whose only inputs were harvested is initial packing.
What nobody recorded stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.trace.findings.flows import LEAVES
from ledger.trace.happenings import happenings
from ledger.trace.moment import when
from ledger.trace.spreadsheet import Cell, Sheet, number_or_text
from ledger.trace.stated import Item, LotFacts, Place, StatedEvent

_TLC, _PRODUCT, _QUANTITY, _UNIT = "Traceability lot code", "Product description", "Quantity", "Unit of measure"
_COMMODITY = "Commodity and variety"
_TO = "Immediate subsequent recipient: location description"
_FROM = "Immediate previous source: location description"
_SOURCE = "Traceability lot code source: location description"
_HARVESTED_AT, _HARVESTED_ON = "Farm where harvested: location description", "Date of harvesting"
_COOLED_AT, _COOLED_ON = "Where cooled: location description", "Date of cooling"
_USED_TLC, _USED_PRODUCT = "Food used: traceability lot code", "Food used: product description"
_USED_QUANTITY, _USED_UNIT = "Food used: quantity", "Food used: unit of measure"
_KIND, _NUMBER = "Reference document type", "Reference document number"
_PROOF = ("Recorded by", "Event hash (CBV 2.0)")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Harvesting": (_TLC, _COMMODITY, _QUANTITY, _UNIT, _HARVESTED_AT, _HARVESTED_ON, _TO),
    "Cooling": (_TLC, _COMMODITY, _QUANTITY, _UNIT, _COOLED_AT, _COOLED_ON, _HARVESTED_AT, _TO),
    "Initial packing": (
        *(_TLC, _PRODUCT, _QUANTITY, _UNIT, "Where packed: location description", "Date of initial packing"),
        *(_USED_TLC, _USED_PRODUCT, _USED_QUANTITY, _USED_UNIT, "Food used: date received"),
        *(_HARVESTED_AT, _HARVESTED_ON, _COOLED_AT, _COOLED_ON),
    ),
    "First land-based receiver": (
        *(_TLC, "Species or market name", _QUANTITY, _UNIT, "Harvest date range", "Harvest location"),
        *("First land-based receiver: location description", "Date landed"),
    ),
    "Shipping": (
        *(_TLC, _PRODUCT, _QUANTITY, _UNIT, "Where shipped from: location description", "Date shipped", _TO, _SOURCE),
        "Logistic unit (SSCC)",
    ),
    "Receiving": (
        *(_TLC, _PRODUCT, _QUANTITY, _UNIT, "Where received: location description", "Date received", _FROM, _SOURCE),
        "Logistic unit (SSCC)",
    ),
    "Transformation": (
        *(_TLC, _PRODUCT, _QUANTITY, _UNIT, "Where transformed: location description", "Date of transformation"),
        *(_USED_TLC, _USED_PRODUCT, _USED_QUANTITY, _USED_UNIT),
    ),
}
_AT = {cte: next(one for one in columns if "location description" in one) for cte, columns in COLUMNS.items()}
_ON = {cte: next(one for one in columns if one.startswith("Date ")) for cte, columns in COLUMNS.items()}

Row = dict[str, Cell]


@dataclass
class _Known:
    """What earlier events of the same lots tell, for the elements that a later event must repeat. By lot key."""

    origin: dict[str, StatedEvent] = field(default_factory=dict)  # where its code was assigned
    cooled: dict[str, StatedEvent] = field(default_factory=dict)
    received: dict[str, StatedEvent] = field(default_factory=dict)
    sent: dict[tuple[str, str], Place] = field(default_factory=dict)  # by lot and place it left
    loads: dict[str, list[tuple[str, tuple[Item, ...]]]] = field(default_factory=lambda: defaultdict(list))  # of units


def fsma_sheets(facts: LotFacts) -> list[Sheet]:
    """All seven sheets, empty ones too; rows in order of time."""
    events = [group[0] for group in happenings((*facts.history, *facts.forward))]
    events.sort(key=lambda event: (event.event_time, event.event_hash))
    known = _learn(events)
    rows: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        cte = _cte(event, known)
        if cte is not None:
            rows[cte] += _rows(cte, event, known)
    return [_sheet(cte, columns, rows[cte]) for cte, columns in COLUMNS.items()]


def _sheet(cte: str, columns: Sequence[str], rows: Sequence[Row]) -> Sheet:
    headings = (*columns, _KIND, _NUMBER, *_PROOF)
    return Sheet(cte, headings, [[row.get(heading) for heading in headings] for row in rows])


def _learn(events: Iterable[StatedEvent]) -> _Known:
    known = _Known()
    for event in events:
        creates = event.event_type == "ObjectEvent" and event.action == "ADD"
        for item in event.items_in("output", *(["object"] if creates else [])):
            known.origin.setdefault(item.lot_key, event)
        for item in event.items_in("object", "child"):
            if _is_cooling(event):
                known.cooled.setdefault(item.lot_key, event)
            if event.biz_step in ("receiving", "accepting"):
                known.received.setdefault(item.lot_key, event)
            if event.biz_step in LEAVES and event.destinations and event.place:
                known.sent.setdefault((item.lot_key, event.place.uri), event.destinations[0])
        if event.action != "DELETE" and (children := event.items_in("child")):
            for unit in event.items_in("parent"):
                known.loads[unit.lot_key].append((event.event_time, children))
    return known


def _is_cooling(event: StatedEvent) -> bool:
    return event.biz_step == "other" and any((value.type or "").endswith("Temperature") for value in event.sensors)


def _cte(event: StatedEvent, known: _Known) -> str | None:
    if event.event_type == "TransformationEvent":
        used = [known.origin.get(item.lot_key) for item in event.items_in("input")]
        raw = used and all(one is not None and one.event_type == "ObjectEvent" for one in used)
        return "Initial packing" if raw else "Transformation"
    if event.biz_step == "shipping":
        return "Shipping"
    if event.biz_step in ("receiving", "accepting"):
        return "Receiving"
    if _is_cooling(event):
        return "Cooling"
    if event.event_type == "ObjectEvent" and event.action == "ADD":
        return "First land-based receiver" if _ilmd(event, "catchZone") else "Harvesting"
    return None


def _rows(cte: str, event: StatedEvent, known: _Known) -> list[Row]:
    """One row a lot; of what was transformed one row an input and output."""
    common: Row = {
        _AT[cte]: _location(event.place),
        _ON[cte]: _date(event),
        _KIND: "; ".join(kind or "" for kind, _ in event.orders) or None,
        _NUMBER: "; ".join(number.rsplit(":", 1)[-1] for _, number in event.orders) or None,
        _PROOF[0]: "; ".join(dict.fromkeys(said.member.name for said in event.statements)),
        _PROOF[1]: f"ni:///sha-256;{event.event_hash}?ver=CBV2.0",
    }
    if event.sources:
        common[_FROM] = _location(event.sources[0])
    if event.event_type == "TransformationEvent":
        return [
            common | _goods(made, known) | _used(used, known) | _past(used.lot_key, known)
            for made in event.items_in("output")
            for used in event.items_in("input")
        ]
    return [
        common
        | _goods(item, known)
        | _past(item.lot_key, known, cte)
        | {_TO: _location(_recipient(event, item, known)), "Logistic unit (SSCC)": unit}
        | (_catch(event) if cte == "First land-based receiver" else {})
        for item, unit in _handled(event, known)
    ]


def _handled(event: StatedEvent, known: _Known) -> list[tuple[Item, str | None]]:
    """The goods of an event with the unit that they are on; of a unit that is named alone, its load of that time."""
    found: list[tuple[Item, str | None]] = []
    parent = next((unit.sscc for unit in event.items_in("parent")), None)
    for item in event.items_in("object", "child"):
        if item.gtin:
            found.append((item, parent))
            continue
        before = [load for time, load in known.loads[item.lot_key] if time <= event.event_time]
        found += [(carried, item.sscc) for carried in (before[-1] if before else ())]
    return found


def _goods(item: Item, known: _Known) -> Row:
    origin = known.origin.get(item.lot_key)
    name = item.name or (f"GTIN {item.gtin}" if item.gtin else None)
    return {
        _TLC: _code(item),
        _PRODUCT: name,
        _COMMODITY: name,
        _QUANTITY: number_or_text(item.quantity),
        _UNIT: item.uom or ("pieces" if item.quantity else None),
        _SOURCE: _location(origin.place) if origin else None,
    }


def _used(item: Item, known: _Known) -> Row:
    arrival = known.received.get(item.lot_key)
    return {
        _USED_TLC: _code(item),
        _USED_PRODUCT: item.name or (f"GTIN {item.gtin}" if item.gtin else None),
        _USED_QUANTITY: number_or_text(item.quantity),
        _USED_UNIT: item.uom or ("pieces" if item.quantity else None),
        "Food used: date received": _date(arrival) if arrival else None,
    }


def _past(lot_key: str, known: _Known, cte: str | None = None) -> Row:
    """Where and when the lot was harvested and cooled, unless the row tells of just that."""
    harvest, cooling = known.origin.get(lot_key), known.cooled.get(lot_key)
    row: Row = {}
    if harvest and harvest.event_type == "ObjectEvent" and cte != "Harvesting":
        row |= {_HARVESTED_AT: _location(harvest.place), _HARVESTED_ON: _date(harvest)}
    if cooling and cte != "Cooling":
        row |= {_COOLED_AT: _location(cooling.place), _COOLED_ON: _date(cooling)}
    return row


def _recipient(event: StatedEvent, item: Item, known: _Known) -> Place | None:
    if event.destinations:
        return event.destinations[0]
    return known.sent.get((item.lot_key, event.place.uri)) if event.place else None


def _catch(event: StatedEvent) -> Row:
    days = [_ilmd(event, name) for name in ("harvestDateStart", "harvestDateEnd")]
    return {
        "Species or market name": _ilmd(event, "fishType"),
        "Harvest date range": " – ".join(day for day in days if day) or None,
        "Harvest location": _ilmd(event, "catchZone"),
    }


def _ilmd(event: StatedEvent, name: str) -> str | None:
    """An attribute of the lot by its local name, whatever its prefix."""
    ilmd = event.body.get("ilmd")
    for key, value in ilmd.items() if isinstance(ilmd, dict) else ():
        if str(key).rsplit(":", 1)[-1].rsplit("/", 1)[-1] == name:
            return "; ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return None


def _code(item: Item) -> str:
    """GTIN and lot as element string with brackets; what has none as it is."""
    return f"(01){item.gtin}(10){item.lot}" if item.gtin and item.lot else item.epc


def _location(place: Place | None) -> str | None:
    """Name, who holds it, GLN: as far as they are known."""
    if place is None:
        return None
    holder = place.holder.name if place.holder else None
    parts = [place.name, holder, f"GLN {place.gln}" if place.gln else place.uri]
    return ", ".join(part for part in parts if part)


def _date(event: StatedEvent) -> str:
    """ISO 8601: the day where only that was said, else the local time with its offset."""
    moment = when(event)
    return moment.local[:10] if moment.whole_day else moment.local
