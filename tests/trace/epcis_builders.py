"""Builders of EPCIS documents: one good event, changed where a test says so."""

from __future__ import annotations

import json
from typing import Any

GS1 = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EXAMPLE = {"example": "https://ns.example.com/epcis/"}
LOT = "https://id.gs1.org/01/09521141012345/10/ABC1234"
ITEM = "https://id.gs1.org/01/09521141012345/21/2017"
OTHER_ITEM = "https://id.gs1.org/01/09521141012345/21/2018"
PALLET = "https://id.gs1.org/00/095211411234567892"
PLACE = "https://id.gs1.org/414/9521141123454"


def an_event(kind: str = "ObjectEvent", /, **changes: Any) -> dict[str, Any]:
    """A good event of a kind; a change of None takes the field away."""
    event: dict[str, Any] = {
        "type": kind,
        "eventTime": "2026-04-17T09:26:42-04:00",
        "eventTimeZoneOffset": "-04:00",
        **_WHAT[kind],
        **changes,
    }
    return {name: value for name, value in event.items() if value is not None}


_WHAT: dict[str, dict[str, Any]] = {
    "ObjectEvent": {"action": "OBSERVE", "epcList": [ITEM]},
    "AggregationEvent": {"action": "ADD", "parentID": PALLET, "childEPCs": [ITEM]},
    "AssociationEvent": {"action": "ADD", "parentID": "urn:epc:id:grai:4012345.55555.98765", "childEPCs": [ITEM]},
    "TransactionEvent": {
        "action": "ADD",
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345123456:1"}],
        "epcList": [ITEM],
    },
    "TransformationEvent": {
        "inputQuantityList": [{"epcClass": LOT, "quantity": 100, "uom": "KGM"}],
        "outputEPCList": [ITEM],
    },
}
KINDS = tuple(_WHAT)


def a_document(*events: Any, context: Any = (GS1, EXAMPLE), **changes: Any) -> bytes:
    """The events in an EPCISDocument; a change of None takes the field away."""
    document: dict[str, Any] = {
        "@context": list(context) if isinstance(context, tuple) else context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-17T11:26:42-04:00",
        "epcisBody": {"eventList": list(events)},
        **changes,
    }
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def an_xml_document(
    events: str, names: str = 'xmlns:example="https://ns.example.com/epcis/"', before: str = ""
) -> bytes:
    """Events in EPCIS XML in an EPCISDocument."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" {names} '
        'schemaVersion="2.0" creationDate="2026-04-17T11:26:42-04:00">'
        f"<EPCISBody><EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


def an_xml_event(inside: str = "", kind: str = "ObjectEvent") -> str:
    """The XML of `an_event()`, with more inside."""
    return (
        f"<{kind}><eventTime>2026-04-17T09:26:42-04:00</eventTime><eventTimeZoneOffset>-04:00</eventTimeZoneOffset>"
        f"<epcList><epc>{ITEM}</epc></epcList><action>OBSERVE</action>{inside}</{kind}>"
    )
