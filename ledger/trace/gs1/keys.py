"""The GS1 keys that an EPC can be, as they stand in a Digital Link path (GS1 Digital Link URI syntax 1.2 section 4.3,
CBV 2.0 section 8).

Which keys and qualifiers EPCIS knows stands here; their formats are the dictionary's. Values are without
percent-encoding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.trace.gs1.characters import to_path
from ledger.trace.gs1.dictionary import ApplicationIdentifier
from ledger.trace.gs1.elements import require_known
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.rules import CHARACTER_SETS

CANONICAL = "https://id.gs1.org"


@dataclass(frozen=True, slots=True)
class Key:
    """One primary key. `pattern` tells such a key from other text, check digits and the length of text left aside;
    `qualifiers` are what narrows it for EPCIS (a lot, a serial, an extension), each with the characters it may hold.
    """

    entry: ApplicationIdentifier
    pattern: re.Pattern[str]
    qualifiers: Mapping[str, re.Pattern[str]]


def _pattern(entry: ApplicationIdentifier) -> str:
    if entry.ai == "01":  # EPCIS documents write shorter GTINs, too
        return "[0-9]{8}|[0-9]{12,14}"
    return "".join(_piece(c.character_set, c.shortest, c.longest, c.optional, c.checks) for c in entry.components)


def _piece(character_set: str, shortest: int, longest: int, optional: bool, checks: tuple[str, ...]) -> str:
    characters = CHARACTER_SETS[character_set][0].pattern  # one or more of them
    if "zero" in checks:
        return f"0{{{longest}}}"
    if character_set == "N":
        piece = f"[0-9]{{{shortest},{longest}}}"
    else:
        piece = f"[0-9]{{4}}(?:{characters})?" if "gcppos1" in checks else characters
    return f"(?:{piece})?" if optional else piece


def _key(ai: str, *qualifiers: str) -> Key:
    entry = require_known(ai)
    sets = {q: CHARACTER_SETS[require_known(q).components[0].character_set][0] for q in qualifiers}
    return Key(entry, re.compile(_pattern(entry)), sets)


KEYS: Mapping[str, Key] = {
    key.entry.ai: key
    for key in (
        _key("00"),
        _key("01", "22", "10", "21", "235"),
        _key("253"),
        _key("255"),
        _key("401"),
        _key("402"),
        _key("414", "254"),
        _key("417"),
        _key("8003"),
        _key("8004"),
        _key("8006", "22", "10", "21"),
        _key("8010", "8011"),
        _key("8017"),
        _key("8018"),
    )
}

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
