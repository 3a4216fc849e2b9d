"""Checks of what an event is about: identifiers and quantities (EPCIS 2.0 sections 7.3.3 and 7.4.2 to 7.4.6)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ledger.trace.epcis.check_values import Values
from ledger.trace.epcis.event import EventItem, Role
from ledger.trace.epcis.event_fields import EPC_LISTS, FIELDS, QUANTITY_LISTS
from ledger.trace.gs1 import Epc

_QUANTITY_FIELDS = frozenset({"epcClass", "quantity", "uom"})
_UNIT = re.compile(r"[A-Z0-9]{2,3}")


def check_what(
    body: dict[str, Any], kind: str, action: str | None, values: Values, pointer: str
) -> tuple[EventItem, ...]:
    """The items that the event names, numbered in the order of its lists; faults are noted."""
    items: list[EventItem] = []

    def take(role: Role, epc: Epc | None, quantity: str | None = None, uom: str | None = None) -> None:
        if epc is not None:
            items.append(EventItem(len(items), role, epc, quantity, uom))

    fields = FIELDS[kind]
    if "parentID" in body and "parentID" in fields:
        take("parent", values.epc(body["parentID"], f"{pointer}/parentID", "parentID"))
    for name, role in EPC_LISTS:
        if name in body and name in fields:
            for item, place in values.each(body[name], f"{pointer}/{name}"):
                take(role, values.epc(item, place, "epc"))
    for name, role in QUANTITY_LISTS:
        if name in body and name in fields:
            for item, place in values.each(body[name], f"{pointer}/{name}"):
                take(role, *_quantity_element(item, values, place))
    if "transformationID" in body and "transformationID" in fields:
        values.epc(body["transformationID"], f"{pointer}/transformationID", "transformationID")
    _require_items(body, kind, action, values, pointer)
    return tuple(items)


def _quantity_element(item: Any, values: Values, pointer: str) -> tuple[Epc | None, str | None, str | None]:
    fields = values.object(item, pointer, "quantityElement")
    if fields is None:
        return None, None, None
    values.only(fields, _QUANTITY_FIELDS, pointer, "a quantityElement")
    epc = values.epc(fields.get("epcClass"), f"{pointer}/epcClass", "epcClass")
    quantity = uom = None
    if "quantity" in fields:
        quantity = values.number(fields["quantity"], f"{pointer}/quantity", "quantity")
        if quantity is not None and Decimal(quantity) < 0:
            values.problems.add(
                f"{pointer}/quantity", f"The quantity {quantity} is negative", "Say how much there is, 0 or more."
            )
    if "uom" in fields:
        uom = values.text(fields["uom"], f"{pointer}/uom", "uom")
        if uom is not None and _UNIT.fullmatch(uom) is None:
            values.problems.add(
                f"{pointer}/uom",
                f"{uom!r} is no unit of measure of UN/ECE Recommendation 20",
                "Write its code of two or three capitals or digits, as in KGM or LBR; pieces have none.",
            )
        if "quantity" not in fields:
            values.problems.add(
                f"{pointer}/quantity", "There is a unit of measure, but no quantity", "Add the quantity."
            )
    return epc, quantity, uom


def _require_items(body: dict[str, Any], kind: str, action: str | None, values: Values, pointer: str) -> None:
    """An event must be about something."""

    def none_of(*names: str) -> bool:
        return not any(body.get(name) for name in names)

    sensors = bool(body.get("sensorElementList"))
    if kind == "ObjectEvent" and none_of("epcList", "quantityList") and not sensors:
        values.problems.add(
            f"{pointer}/epcList",
            "The ObjectEvent names no object: neither epcList nor quantityList",
            "Add one of the two.",
        )
    elif kind in ("AggregationEvent", "AssociationEvent"):
        if kind == "AggregationEvent" and none_of("parentID") and action in ("ADD", "DELETE"):
            values.problems.add(
                f"{pointer}/parentID",
                f"An AggregationEvent with action {action} needs a parentID",
                "Say into or out of what.",
            )
        if none_of("childEPCs", "childQuantityList") and action in ("ADD", "OBSERVE") and not sensors:
            values.problems.add(
                f"{pointer}/childEPCs",
                f"The {kind} with action {action} names no children: neither childEPCs nor childQuantityList",
                "Add one of the two.",
            )
    elif kind == "TransactionEvent":
        if "bizTransactionList" in body and none_of("bizTransactionList"):
            values.problems.add(
                f"{pointer}/bizTransactionList", "bizTransactionList is empty", "Name at least one transaction."
            )
        if none_of("epcList", "quantityList", "parentID") and action in ("ADD", "OBSERVE") and not sensors:
            values.problems.add(
                f"{pointer}/epcList",
                "The TransactionEvent names no object: epcList, quantityList or parentID",
                "Add one of them.",
            )
    elif kind == "TransformationEvent":
        has_inputs = not none_of("inputEPCList", "inputQuantityList")
        has_outputs = not none_of("outputEPCList", "outputQuantityList")
        if "transformationID" in body:
            if not has_inputs and not has_outputs:
                values.problems.add(
                    f"{pointer}/inputEPCList", "The TransformationEvent names neither inputs nor outputs", "Add some."
                )
        elif not (has_inputs and has_outputs):
            missing = "inputs" if not has_inputs else "outputs"
            values.problems.add(
                f"{pointer}/{'inputEPCList' if not has_inputs else 'outputEPCList'}",
                f"The TransformationEvent names no {missing}",
                f"Add the {missing}, or a transformationID that joins it with the event that has them.",
            )
