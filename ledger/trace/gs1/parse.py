"""An identifier as EPCIS writes it, in any of its forms, as one Epc."""

from __future__ import annotations

import re
from functools import lru_cache

from ledger.errors import BadInput
from ledger.trace.gs1.digital_link import read_digital_link
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.urn import is_gs1_urn, read_urn

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
_OFFICIAL = re.compile(r"https?://id\.gs1\.org(?:[/?#:]|$)", re.IGNORECASE)
# Schemes of the Tag Data Standard that are no GS1 keys; EPCIS allows them, and they stay as they are said.
_OTHER_SCHEMES = ("urn:epc:id:gid:", "urn:epc:id:usdod:", "urn:epc:id:adi:", "urn:epc:id:bic:", "urn:epc:id:imovn:")


def is_uri(text: str) -> bool:
    """Whether it has a scheme and no blanks or signs that no URI holds (RFC 3986; a CURIE passes too)."""
    return _URI.fullmatch(text) is not None


def parse_epc(text: str, *, where: str | None = None) -> Epc:
    """The EPC that `text` names, with its check digits, lengths and characters held to; BadInput with the reason
    otherwise.

    A URI that names no GS1 key stays as it is said, with kind `other`.
    """
    text = text.strip()
    try:
        if is_gs1_urn(text):
            return read_urn(text)
        if text.startswith(("urn:epc:id:", "urn:epc:class:")) and not text.startswith(_OTHER_SCHEMES):
            return read_urn(text)
    except BadInput as problem:
        problem.where = where
        raise
    if not is_uri(text):
        raise BadInput(
            f"{text!r} is no URI.",
            where=where,
            hint="Write an EPC URN (urn:epc:id:sgtin:…) or a GS1 Digital Link (https://id.gs1.org/01/…).",
            epc=text,
        )
    if text[:4].lower() == "http":
        epc = read_digital_link(text, where=where, strict=True)
        if epc is not None:
            return epc
        if _OFFICIAL.match(text):
            raise BadInput(
                f"{text!r} stands at id.gs1.org but holds no GS1 key in a form that GS1 Digital Link knows.",
                where=where,
                hint="Write /01/ and the 14 digits of a GTIN, /00/ and the 18 of an SSCC, /414/ and the 13 of a GLN.",
                epc=text,
            )
    return Epc(text, "other", lot_key=text)


@lru_cache(maxsize=65536)
def canonical_uri(text: str) -> str | None:
    """The constrained canonical Digital Link URI of a GS1 identifier (CBV 2.0 section 8.9), or None where it is none.
    Never raises.

    Check digits are not looked at: a hash of what was said must be computable for what was said wrongly, too.
    """
    if text.startswith("urn:epc:"):
        if not is_gs1_urn(text):
            return None
        try:
            return read_urn(text).canonical
        except BadInput:
            return None
    if text.startswith(("http://", "https://")):
        epc = read_digital_link(text, strict=False)
        return epc.canonical if epc else None
    return None
