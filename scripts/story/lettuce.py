"""The facts of a real case in our own words: lettuce lot ABC1234 from a field into salad lot SALAD-20260420-A.

They are those of seven published FSMA 204 example documents, contradictions included: the parties really do say different things.
Each document is handed in by the party that would. Nothing here was smoothed.
"""

from __future__ import annotations

from typing import Any

FIELD, COOLING_STATION, PACKING_HOUSE, DEPOT, KITCHEN, QUAY = (
    "0860009999060",
    "0860009999077",
    "0860009999992",
    "0860009998001",
    "0860009998018",
    "0860009997004",
)
LETTUCE = "https://id.gs1.org/01/00860009999923/10/ABC1234"
CASES = "https://id.gs1.org/01/10860009999920/10/ABC1234"
OTHER_CASES = "https://id.gs1.org/01/10860009999920/10/ABC5678"
DRESSING = "https://id.gs1.org/01/10860009998022/10/DEF2345"
SALAD = "https://id.gs1.org/01/10860009998039/10/SALAD-20260420-A"
SWORDFISH = "https://id.gs1.org/01/00860009997004/10/SWF-2026-0223"
PALLET = "https://id.gs1.org/00/008600099999850000"

SALAD_GTIN, SALAD_LOT = "10860009998039", "SALAD-20260420-A"
PACKING_ID = "urn:uuid:4898a223-216a-4f46-9e18-338ccf6fa3ba"


def _at(gln: str) -> dict[str, str]:
    return {"id": f"https://id.gs1.org/414/{gln}"}


def _amounts(*amounts: tuple[str, int, str]) -> list[dict[str, Any]]:
    return [{"epcClass": epc, "quantity": quantity, "uom": unit} for epc, quantity, unit in amounts]


def _document_number(kind: str, gln: str, number: str) -> dict[str, str]:
    return {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:{gln}:{number}"}


def _event(kind: str, time: str, step: str, place: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "eventTime": time,
        "eventTimeZoneOffset": time[-6:],
        "bizStep": step,
        "readPoint": _at(place),
        **more,
    }


def _from_to(source: str, destination: str, *, kind: str = "location") -> dict[str, Any]:
    key = "417" if kind == "owning_party" else "414"
    return {
        "sourceList": [{"type": kind, "source": f"https://id.gs1.org/{key}/{source}"}],
        "destinationList": [{"type": "location", "destination": f"https://id.gs1.org/414/{destination}"}],
    }


def _temperature(device: str) -> dict[str, Any]:
    report = {"type": "Temperature", "value": 36, "deviceID": f"https://id.gs1.org/8004/{device}", "uom": "FAH"}
    return {"sensorElementList": [{"sensorReport": [report]}]}


_ALL_LETTUCE = _amounts((LETTUCE, 25000, "LBR"))

_HARVEST = _event(
    "ObjectEvent",
    "2026-04-17T09:26:42-04:00",
    "creating_class_instance",
    FIELD,
    action="ADD",
    disposition="active",
    bizLocation=_at(FIELD),
    quantityList=_ALL_LETTUCE,
)
_LEFT_THE_FIELD = _event(
    "ObjectEvent",
    "2026-04-17T11:26:42-04:00",
    "transporting",
    FIELD,
    action="OBSERVE",
    disposition="in_transit",
    quantityList=_ALL_LETTUCE,
    **_from_to(FIELD, PACKING_HOUSE, kind="owning_party"),
)


def _received(time: str, place: str, number: str) -> dict[str, Any]:
    return _event(
        "ObjectEvent",
        time,
        "receiving",
        place,
        action="OBSERVE",
        disposition="in_progress",
        quantityList=_ALL_LETTUCE,
        bizTransactionList=[_document_number("recadv", place, number)],
        **_from_to(FIELD, place),
    )


def _cooled(time: str, place: str, device: str) -> dict[str, Any]:
    return _event(
        "ObjectEvent",
        time,
        "other",
        place,
        action="OBSERVE",
        disposition="in_progress",
        bizLocation=_at(place),
        quantityList=_ALL_LETTUCE,
        **_temperature(device),
    )


def _packed(time: str, pounds: int, cases: int, **more: Any) -> dict[str, Any]:
    return _event(
        "TransformationEvent",
        time,
        "creating_class_instance",
        PACKING_HOUSE,
        disposition="active",
        bizLocation=_at(PACKING_HOUSE),
        inputQuantityList=_amounts((LETTUCE, pounds, "LBR")),
        outputQuantityList=_amounts((CASES, cases, "CS")),
        **more,
    )


def _harvest() -> list[dict[str, Any]]:
    return [
        {**_HARVEST, "bizTransactionList": [_document_number("prodorder", FIELD, "HARVEST-2026-0417")]},
        _LEFT_THE_FIELD,
    ]


def _cooling() -> list[dict[str, Any]]:
    left = _event(
        "ObjectEvent",
        "2026-04-17T10:26:42-04:00",
        "transporting",
        COOLING_STATION,
        action="OBSERVE",
        disposition="in_transit",
        quantityList=_ALL_LETTUCE,
        **_from_to(COOLING_STATION, PACKING_HOUSE),
    )
    events = [
        _received("2026-04-16T09:26:42-04:00", COOLING_STATION, "861-100037169"),
        _cooled("2026-04-16T10:26:42-04:00", COOLING_STATION, "086000999907700001"),
        left,
    ]
    return [{**event, "eventTimeZoneOffset": "-05:00"} for event in events]


def _packing() -> list[dict[str, Any]]:
    return [
        _HARVEST,
        _LEFT_THE_FIELD,
        _received("2026-04-17T16:00:00-04:00", PACKING_HOUSE, "861-20260417-001"),
        _cooled("2026-04-17T17:30:00-04:00", PACKING_HOUSE, "086000999999200001"),
        _packed(
            "2026-04-18T10:26:42-04:00",
            25000,
            500,
            bizTransactionList=[_document_number("prodorder", PACKING_HOUSE, "PACK-20260418-042")],
        ),
    ]


def _shipping() -> list[dict[str, Any]]:
    pallet = _event(
        "AggregationEvent",
        "2026-04-19T13:35:18-05:00",
        "packing",
        PACKING_HOUSE,
        action="ADD",
        parentID=PALLET,
        childQuantityList=_amounts((CASES, 25, "CS"), (OTHER_CASES, 25, "CS")),
        bizTransactionList=[_document_number("po", PACKING_HOUSE, "850-100037169")],
    )
    shipped = _event(
        "ObjectEvent",
        "2026-04-19T13:35:18-05:00",
        "shipping",
        PACKING_HOUSE,
        action="OBSERVE",
        disposition="in_transit",
        epcList=[PALLET],
        bizTransactionList=[
            _document_number("desadv", PACKING_HOUSE, "856-100037169"),
            _document_number("bol", PACKING_HOUSE, "211-101037170"),
        ],
        **_from_to(PACKING_HOUSE, DEPOT),
    )
    return [_packed("2026-04-18T00:00:00-04:00", 250, 25, eventID=PACKING_ID), pallet, shipped]


def _receiving() -> list[dict[str, Any]]:
    received = _event(
        "AggregationEvent",
        "2026-04-20T08:45:00-05:00",
        "receiving",
        DEPOT,
        eventID="urn:uuid:49afe832-5171-432d-99c4-6dc003255ee1",
        action="OBSERVE",
        disposition="in_progress",
        bizLocation=_at(DEPOT),
        parentID=PALLET,
        childQuantityList=_amounts((CASES, 500, "CS")),
        bizTransactionList=[_document_number("recadv", DEPOT, "861-100037169")],
        **_from_to(PACKING_HOUSE, DEPOT),
    )
    return [_packed("2026-04-18T00:00:00-04:00", 25000, 500, eventID=PACKING_ID), received]


def _salad() -> list[dict[str, Any]]:
    return [
        _event(
            "TransformationEvent",
            "2026-04-20T00:00:00-04:00",
            "creating_class_instance",
            KITCHEN,
            disposition="active",
            bizLocation=_at(KITCHEN),
            inputQuantityList=_amounts((CASES, 100, "CS"), (DRESSING, 50, "CS")),
            outputQuantityList=_amounts((SALAD, 2000, "CS")),
            bizTransactionList=[_document_number("prodorder", KITCHEN, "BATCH-20260420-A")],
            ilmd={"gs1:bestBeforeDate": "2026-04-27"},
        )
    ]


def _landing() -> list[dict[str, Any]]:
    numbers = [("cert", "cert-100037169"), ("recadv", "861-100037169"), ("po", "850-100037169")]
    return [
        _event(
            "ObjectEvent",
            "2026-02-23T11:51:08-05:00",
            "creating_class_instance",
            QUAY,
            action="ADD",
            disposition="active",
            quantityList=_amounts((SWORDFISH, 1000, "LBR")),
            bizTransactionList=[_document_number(kind, QUAY, number) for kind, number in numbers],
            ilmd={
                "gs1:catchZone": ["21.4R", "27.14.a"],
                "gs1:harvestDateStart": "2026-02-16",
                "gs1:harvestDateEnd": "2026-02-18",
                "gs1:fishType": "SWORDFISH",
            },
        )
    ]


def documents() -> list[tuple[str, str, dict[str, Any]]]:
    """(member, file name, EPCIS 2.0 document), in the order in which the parties hand them in."""
    said = [
        ("farm", "harvest", _harvest(), "2026-04-17T11:26:42-04:00"),
        ("cooler", "cooling", _cooling(), "2026-04-17T16:20:07Z"),
        ("packer", "packing", _packing(), "2026-04-18T17:02:27Z"),
        ("packer", "shipping", _shipping(), "2026-04-19T18:46:03Z"),
        ("distributor", "receiving", _receiving(), "2026-04-20T12:00:00Z"),
        ("processor", "salad", _salad(), "2026-04-20T11:30:47Z"),
        ("fishery", "landing", _landing(), "2026-02-23T16:55:26Z"),
    ]
    return [(member, f"{name}.jsonld", epcis_document(events, created)) for member, name, events, created in said]


def epcis_document(events: list[dict[str, Any]], created: str) -> dict[str, Any]:
    """An EPCIS 2.0 document of these events."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"eventList": events},
    }
