"""The GS1 keys that an EPC can be, as they stand in a Digital Link path (GS1 Digital Link URI syntax 1.2 section 4.3,
CBV 2.0 section 8).

Only the keys of EPCIS stand here; the dictionary of all Application Identifiers is another thing. Values are without
percent-encoding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.trace.gs1.characters import SET_39, SET_82, to_path
from ledger.trace.gs1.epc import Epc

CANONICAL = "https://id.gs1.org"


@dataclass(frozen=True, slots=True)
class Qualifier:
    """What narrows a key: a lot, a serial, an extension."""

    name: str
    longest: int
    allowed: re.Pattern[str] = SET_82


@dataclass(frozen=True, slots=True)
class Key:
    """One primary key. `checked` counts the digits at its start of which the last is a check digit; 0: it has none."""

    ai: str
    name: str
    pattern: re.Pattern[str]
    checked: int
    qualifiers: Mapping[str, Qualifier]


_LOT = Qualifier("lot", 20)
_SERIAL = Qualifier("serial", 20)
_VARIANT = Qualifier("consumer product variant", 20)
_DIGITS = re.compile(r"[0-9]+")


def _key(ai: str, name: str, pattern: str, checked: int, **qualifiers: Qualifier) -> Key:
    return Key(ai, name, re.compile(pattern), checked, {ai_[1:]: qualifier for ai_, qualifier in qualifiers.items()})


KEYS: Mapping[str, Key] = {
    key.ai: key
    for key in (
        _key("00", "SSCC", r"\d{18}", 18),
        _key(
            "01",
            "GTIN",
            r"\d{8}|\d{12,14}",
            14,
            _22=_VARIANT,
            _10=_LOT,
            _21=_SERIAL,
            _235=Qualifier("third-party controlled serial", 28),
        ),
        _key("253", "GDTI", rf"\d{{13}}(?:{SET_82.pattern})?", 13),
        _key("255", "GCN", r"\d{13,25}", 13),
        _key("401", "GINC", rf"\d{{4}}(?:{SET_82.pattern})?", 0),
        _key("402", "GSIN", r"\d{17}", 17),
        _key("414", "GLN", r"\d{13}", 13, _254=Qualifier("GLN extension", 20)),
        _key("417", "party GLN", r"\d{13}", 13),
        _key("8003", "GRAI", rf"0\d{{13}}(?:{SET_82.pattern})?", 14),
        _key("8004", "GIAI", rf"\d{{4}}(?:{SET_82.pattern})?", 0),
        _key("8006", "ITIP", r"\d{18}", 14, _22=_VARIANT, _10=_LOT, _21=_SERIAL),
        _key("8010", "CPID", rf"\d{{4}}(?:{SET_39.pattern})?", 0, _8011=Qualifier("CPID serial", 12, _DIGITS)),
        _key("8017", "GSRN-P", r"\d{18}", 18),
        _key("8018", "GSRN", r"\d{18}", 18),
    )
}
LONGEST = {"253": 30, "255": 25, "401": 30, "8003": 30, "8004": 30, "8010": 30}

# Words that older Digital Link URIs use instead of the numbers.
ALIASES: Mapping[str, str] = {
    "sscc": "00", "gtin": "01", "gdti": "253", "gcn": "255", "ginc": "401", "gsin": "402", "gln": "414", "party": "417",
    "grai": "8003", "giai": "8004", "itip": "8006", "cpid": "8010", "gsrnp": "8017", "gsrn": "8018",
}  # fmt: skip
QUALIFIER_ALIASES: Mapping[str, str] = {
    "cpv": "22", "lot": "10", "ser": "21", "tpx": "235", "glnx": "254", "cpsn": "8011",
}  # fmt: skip
_KINDS: Mapping[str, str] = {
    "00": "sscc", "253": "gdti", "255": "sgcn", "401": "ginc", "402": "gsin", "414": "sgln", "417": "pgln", "8003":
    "grai", "8004": "giai", "8006": "itip", "8010": "cpi", "8017": "gsrnp", "8018": "gsrn",
}  # fmt: skip


def epc_of(ai: str, value: str, qualifiers: Mapping[str, str]) -> Epc:
    """The Epc of a key and its qualifiers: canonical is the finest level only, as CBV 2.0 section 8.9 asks (no
    variant, no lot beside a serial).
    """
    from_gtin = ai in ("01", "8006")
    gtin = value[:14] if from_gtin else None
    lot = qualifiers.get("10") if from_gtin else None
    serial = qualifiers.get("21") if from_gtin else None
    fine = next((q for q in ("21", "235", "10", "254", "8011") if q in qualifiers), None)
    canonical = f"{CANONICAL}/{ai}/{to_path(value)}"
    if fine:
        canonical += f"/{fine}/{to_path(qualifiers[fine])}"
    kind = _KINDS.get(ai) or {"21": "sgtin", "235": "upui", "10": "lgtin"}.get(fine or "", "gtin")
    sscc = value if ai == "00" else None
    lot_key = f"{gtin}/{lot}" if gtin and lot else sscc or canonical
    gln = value if ai in ("414", "417") else None
    return Epc(canonical, kind, gtin=gtin, lot=lot, serial=serial, sscc=sscc, gln=gln, lot_key=lot_key)
