"""Which fields each kind of event has, and which it must have (EPCIS 2.0 sections 7.4.2 to 7.4.6)."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.trace.epcis.event import Role

_COMMON = frozenset({
    "@context", "type", "eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "certificationInfo",
    "errorDeclaration", "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "bizTransactionList", "sourceList", "destinationList", "sensorElementList", "comment",
})  # fmt: skip

FIELDS: Mapping[str, frozenset[str]] = {
    "ObjectEvent": _COMMON | {"action", "epcList", "quantityList", "ilmd"},
    "AggregationEvent": _COMMON | {"action", "parentID", "childEPCs", "childQuantityList"},
    "TransactionEvent": _COMMON | {"action", "parentID", "epcList", "quantityList"},
    "TransformationEvent": _COMMON
    | {"inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd"},
    "AssociationEvent": _COMMON | {"action", "parentID", "childEPCs", "childQuantityList"},
}
ALL_FIELDS: frozenset[str] = frozenset().union(*FIELDS.values())

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "ObjectEvent": ("action",),
    "AggregationEvent": ("action",),
    "TransactionEvent": ("action", "bizTransactionList"),
    "TransformationEvent": (),
    "AssociationEvent": ("action", "parentID"),
}

# Lists of identifiers and of quantities, in the order in which their items are numbered, with the part that they play.
EPC_LISTS: tuple[tuple[str, Role], ...] = (
    ("epcList", "object"),
    ("childEPCs", "child"),
    ("inputEPCList", "input"),
    ("outputEPCList", "output"),
)
QUANTITY_LISTS: tuple[tuple[str, Role], ...] = (
    ("quantityList", "object"),
    ("childQuantityList", "child"),
    ("inputQuantityList", "input"),
    ("outputQuantityList", "output"),
)
