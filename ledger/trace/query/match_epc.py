"""MATCH_… parameters: EPCs, classes and patterns over them (EPCIS 2.0 section 8.2.7.1.1; Tag Data Standard, pattern URIs).

`urn:epc:idpat:sgtin:0614141.107346.*` matches every serial of the product, `urn:epc:idpat:sgtin:0614141.*.*` every serial
of every product of the company; a Digital Link of a GTIN or a lot matches what stands under it: `…/01/X` in an EPC
parameter matches its items.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ledger.errors import BadInput
from ledger.trace.gs1 import parse_epc
from ledger.trace.gs1.parse import is_uri

Matcher = Callable[[str], bool]

_PATTERN = re.compile(r"urn:epc:idpat:(?P<scheme>[a-z]+):(?P<parts>.+)")
_SGTIN = re.compile(r"https://id\.gs1\.org/01/(?P<gtin>[0-9]{14})(?:/10/[^/]+)?/21/(?P<serial>.+)")
_SSCC = re.compile(r"https://id\.gs1\.org/00/(?P<sscc>[0-9]{18})")


def epc_matcher(text: str) -> Matcher:
    """Whether a canonical EPC or class is the one that `text` names, or one of those that its pattern covers. BadInput
    where `text` is no URI, or a pattern that cannot be read."""
    said = text.strip()
    found = _PATTERN.fullmatch(said)
    if found is not None and "*" in found["parts"]:
        return _pattern(said, found["scheme"], found["parts"])
    if not is_uri(said):
        raise BadInput(f"{said!r} is no EPC: a URI is needed.", hint="Write an EPC URN or a GS1 Digital Link URI.")
    canonical = parse_epc(said).canonical
    return lambda epc: epc == canonical or epc.startswith(f"{canonical}/")


def _pattern(said: str, scheme: str, rest: str) -> Matcher:
    parts = rest.split(".", 2)
    if scheme == "sgtin" and len(parts) == 3:
        prefix, reference, serial = parts
        if reference == "*":
            _require_star(said, serial)
            return lambda epc: _has_prefix(_SGTIN, epc, "gtin", prefix)
        product = parse_epc(f"urn:epc:id:sgtin:{prefix}.{reference}.0").gtin or ""
        if serial != "*":
            raise BadInput(f"The pattern {said!r} has no star where one can stand.", hint="Put * for the serial.")
        return lambda epc: (match := _SGTIN.fullmatch(epc)) is not None and match["gtin"] == product
    if scheme == "sscc" and len(parts) == 2:
        prefix, reference = parts
        _require_star(said, reference)
        return lambda epc: (match := _SSCC.fullmatch(epc)) is not None and match["sscc"][1:].startswith(prefix)
    if scheme in ("grai", "sgln", "gdti", "giai", "itip", "cpi") and parts[-1] == "*" and len(parts) == 3:
        filler = parse_epc(f"urn:epc:id:{scheme}:{parts[0]}.{parts[1]}.0").canonical
        stem = filler[: filler.rindex("0")]
        return lambda epc: epc.startswith(stem)
    raise BadInput(
        f"The pattern {said!r} cannot be read.",
        hint="Write urn:epc:idpat:sgtin:PREFIX.REFERENCE.* or urn:epc:idpat:sscc:PREFIX.*.",
    )


def _require_star(said: str, part: str) -> None:
    if part != "*":
        raise BadInput(f"In the pattern {said!r} only stars may follow a star.")


def _has_prefix(form: re.Pattern[str], epc: str, group: str, prefix: str) -> bool:
    """Whether the key's digits after its indicator begin with the company prefix."""
    match = form.fullmatch(epc)
    return match is not None and match[group][1:].startswith(prefix)
