"""What a farmer fills in, checked field by field, and the EPCIS 2.0 document that it means. Pure.

The document is a function of the entry alone: the same entry sent twice is the same statement. Its time is the
entry's own, fixed when it was first sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from ledger.errors import BadInput
from ledger.trace.gs1 import check_lot
from ledger.trace.gs1.characters import to_path

UNITS = ("KGM", "JIN", "TNE", "LBR", "CS", "EA")
"""UN/ECE Recommendation 20 codes that the form offers, and the jin (500 g), which has none and is recorded in
kilograms."""

FUTURE_SECONDS = 300
_QUANTITY = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?")
_IN_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_ZONE = re.compile(r"[+-](?:0[0-9]|1[0-4]):[0-5][0-9]")


@dataclass(frozen=True)
class BatchEntry:
    """One entry, checked. `quantity` is decimal text in `uom`; `at` is UTC, ISO 8601 with milliseconds and Z."""

    gtin: str
    lot: str
    quantity: str
    uom: str | None
    gln: str
    at: str
    zone: str

    def document(self) -> bytes:
        """The EPCIS 2.0 document: one ObjectEvent that adds the lot."""
        place = {"id": f"https://id.gs1.org/414/{self.gln}"}
        quantity: dict[str, object] = {
            "epcClass": f"https://id.gs1.org/01/{self.gtin}/10/{to_path(self.lot)}",
            "quantity": msgspec.Raw(self.quantity.encode("ascii")),  # the digits as written, never a float
        }
        if self.uom:
            quantity["uom"] = self.uom
        event = {
            "type": "ObjectEvent",
            "eventTime": self.at,
            "eventTimeZoneOffset": self.zone,
            "action": "ADD",
            "bizStep": "creating_class_instance",
            "readPoint": place,
            "bizLocation": place,
            "quantityList": [quantity],
        }
        return msgspec.json.encode(
            {
                "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
                "type": "EPCISDocument",
                "schemaVersion": "2.0",
                "creationDate": self.at,
                "epcisBody": {"eventList": [event]},
            }
        )


def read_entry(
    form: Mapping[str, str], products: Collection[str], places: Collection[str], now: datetime
) -> tuple[BatchEntry | None, dict[str, bool]]:
    """The entry, or the names of the fields that need changing. `products` and `places` are the member's own."""
    faults: dict[str, bool] = {}
    said = {name: form.get(name, "").strip() for name in ("product", "lot", "quantity", "unit", "place", "at", "zone")}
    if said["product"] not in products:
        faults["product"] = True
    if said["place"] not in places:
        faults["place"] = True
    if said["unit"] not in UNITS:
        faults["unit"] = True
    try:
        check_lot(said["lot"])
    except BadInput:
        faults["lot"] = True
    quantity = said["quantity"].replace("，", ",").replace("．", ".")
    if _IN_THOUSANDS.fullmatch(quantity):  # any other comma may be a decimal one: to drop it would make 12,5 into 125
        quantity = quantity.replace(",", "")
    if not _QUANTITY.fullmatch(quantity) or Decimal(quantity) == 0:
        faults["quantity"] = True
    at = _moment(said["at"], now)
    if at is None or not _ZONE.fullmatch(said["zone"]):
        faults["at"] = True
    if faults or at is None:
        return None, faults
    amount, uom = _in_standard_units(Decimal(quantity), said["unit"])
    return BatchEntry(said["product"], said["lot"], amount, uom, said["place"], at, said["zone"]), {}


def _in_standard_units(quantity: Decimal, unit: str) -> tuple[str, str | None]:
    if unit == "JIN":
        quantity, unit = quantity / 2, "KGM"
    text = f"{quantity:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text, None if unit == "EA" else unit  # EPCIS 2.0, 7.3.3.3.1: counted without a unit of measure


def _moment(text: str, now: datetime) -> str | None:
    """UTC with milliseconds, or None when it cannot be read, lies in the future or before Suyuan was thought of."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None or at > now + timedelta(seconds=FUTURE_SECONDS) or at.year < 2020:
        return None
    return utc_text(at)


def utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
