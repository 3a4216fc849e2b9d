"""What an EPC names: a trade item, a lot, a logistic unit, a place, a party, a document.

Holds the record only; `ledger.trace.gs1.parse` makes it from text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epc:
    """One identifier of an object, a class of objects, a place or a party.

    `canonical` is the GS1 Digital Link URI at https://id.gs1.org (GS1 CBV 2.0 section 8), or the text as said where
    it is no GS1 identifier. `kind` is the scheme's short name: sgtin, lgtin, gtin, sscc, sgln, pgln, grai, giai,
    gsrn, gsrnp, gdti, cpi, sgcn, ginc, gsin, itip, upui, or `other`. The parts are digits and characters without
    percent-encoding. `lot_key` is `{gtin14}/{lot}` for a lot or an item of a lot, `{sscc}` for a logistic unit, else
    the canonical EPC.
    """

    canonical: str
    kind: str
    gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    sscc: str | None = None
    gln: str | None = None
    lot_key: str = ""
