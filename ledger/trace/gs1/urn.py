"""EPC URNs (GS1 EPC Tag Data Standard, sections 6 to 8) as EPCs: `urn:epc:id:…`, `urn:epc:class:lgtin:…`,
`urn:epc:idpat:…:*`.

A URN carries no check digit: it is computed. Schemes that are no GS1 key (gid, usdod, adi, bic, imovn) are not read
here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.errors import BadInput
from ledger.trace.gs1.characters import SET_39, SET_82, from_escaped
from ledger.trace.gs1.check_digit import check_digit, is_digits
from ledger.trace.gs1.elements import require_known
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.keys import epc_of

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a URN is cut at its dots: company prefix, reference, then `tail` further parts.

    `digits` is the length of prefix and reference together; 0: the reference is text of up to `longest` characters
    with the prefix.
    """

    ai: str
    digits: int
    tail: int
    longest: int = 0


def _longest(ai: str, less: int = 0) -> int:
    """How long the AI's value may be, without the first `less` characters of it."""
    return require_known(ai).longest - less


_SCHEMES: Mapping[str, Scheme] = {
    "id:sgtin": Scheme("01", 13, 1, _longest("21")),
    "id:sscc": Scheme("00", 17, 0),
    "id:sgln": Scheme("414", 12, 1, _longest("254")),
    "id:grai": Scheme("8003", 12, 1, _longest("8003", 14)),
    "id:giai": Scheme("8004", 0, 0, _longest("8004")),
    "id:gsrn": Scheme("8018", 17, 0),
    "id:gsrnp": Scheme("8017", 17, 0),
    "id:gdti": Scheme("253", 12, 1, _longest("253", 13)),
    "id:cpi": Scheme("8010", 0, 1, _longest("8010")),
    "id:sgcn": Scheme("255", 12, 1, _longest("255", 13)),
    "id:ginc": Scheme("401", 0, 0, _longest("401")),
    "id:gsin": Scheme("402", 16, 0),
    "id:itip": Scheme("8006", 13, 3, _longest("21")),
    "id:upui": Scheme("01", 13, 1, _longest("235")),
    "id:pgln": Scheme("417", 12, 0),
    "class:lgtin": Scheme("01", 13, 1, _longest("10")),
    "idpat:sgtin": Scheme("01", 13, 1),
    "idpat:grai": Scheme("8003", 12, 1),
    "idpat:gdti": Scheme("253", 12, 1),
    "idpat:sgcn": Scheme("255", 12, 1),
    "idpat:cpi": Scheme("8010", 0, 1, _longest("8010")),
    "idpat:itip": Scheme("8006", 13, 3),
    "idpat:upui": Scheme("01", 13, 1),
}
_QUALIFIER = {
    "id:sgtin": "21",
    "id:upui": "235",
    "id:sgln": "254",
    "id:itip": "21",
    "id:cpi": "8011",
    "class:lgtin": "10",
}


def is_gs1_urn(text: str) -> bool:
    """Whether it is a URN of a scheme that is read here."""
    match = _URN.fullmatch(text)
    return match is not None and f"{match[1]}:{match[2]}" in _SCHEMES and not _is_wide_pattern(match[1], match[3])


def _is_wide_pattern(namespace: str, rest: str) -> bool:
    """A pattern over more than the serial (`4012345.*.*`) names no GS1 key: it stays as it is said."""
    return namespace == "idpat" and rest.count("*") != 1


def read_urn(text: str) -> Epc:
    """The EPC that a GS1 URN names; BadInput with the reason where it is malformed."""
    match = _URN.fullmatch(text)
    if match is None:
        raise BadInput(
            f"{text!r} is no EPC URN.", hint="An EPC URN reads urn:epc:id:sgtin:0614141.107346.2017.", epc=text
        )
    name = f"{match[1]}:{match[2]}"
    scheme = _SCHEMES.get(name)
    if scheme is None:
        raise BadInput(f"{text!r} is of no EPC scheme known here.", epc=text)
    parts = match[3].split(".", 1 + scheme.tail)
    if len(parts) != 2 + scheme.tail:
        raise _malformed(text, f"it must have {2 + scheme.tail} parts divided by dots, and has {len(parts)}")
    prefix, reference, tail = parts[0], parts[1], parts[2:]
    if not is_digits(prefix) or not 6 <= len(prefix) <= 12:
        raise _malformed(text, f"the company prefix {prefix!r} must be 6 to 12 digits")
    value = _value(text, scheme, prefix, reference)
    if match[1] == "idpat":
        if tail[-1] != "*":
            raise _malformed(text, "a pattern of a class ends in .*")
        return epc_of(scheme.ai, value + _piece_and_total(text, scheme, tail), {})
    value += _piece_and_total(text, scheme, tail)
    qualifiers: dict[str, str] = {}
    if scheme.tail:
        last = _text(text, tail[-1], scheme.longest)
        qualifier = _QUALIFIER.get(name)
        digits = _longest("8011") if name == "id:cpi" else scheme.longest
        if name in ("id:sgcn", "id:cpi") and not (is_digits(last) and len(last) <= digits):
            raise _malformed(text, f"the serial {last!r} must be up to {digits} digits")
        if qualifier is None:
            value += last
        elif not (name == "id:sgln" and last == "0"):  # extension 0 means: the whole place
            qualifiers[qualifier] = last
    return epc_of(scheme.ai, value, qualifiers)


def _value(text: str, scheme: Scheme, prefix: str, reference: str) -> str:
    if not scheme.digits:
        room = scheme.longest - len(prefix)
        return prefix + _text(text, reference, room, SET_39 if scheme.ai == "8010" else SET_82)
    body = prefix + reference
    if (reference and not is_digits(reference)) or len(body) != scheme.digits:
        raise _malformed(text, f"company prefix and reference must be {scheme.digits} digits together")
    if scheme.ai in ("01", "00", "8006"):  # the indicator or extension digit stands before the company prefix
        body = reference[:1] + prefix + reference[1:]
    elif scheme.ai == "8003":
        body = "0" + body
    return body + check_digit(body)


def _piece_and_total(text: str, scheme: Scheme, tail: list[str]) -> str:
    if scheme.tail != 3:
        return ""
    if not all(is_digits(part) and len(part) == 2 for part in tail[:2]):
        raise _malformed(text, "piece and total must be two digits each")
    return tail[0] + tail[1]


def _text(text: str, escaped: str, longest: int, allowed: re.Pattern[str] = SET_82) -> str:
    value = from_escaped(escaped)
    if not value or allowed.fullmatch(value) is None:
        raise _malformed(text, f"{escaped!r} is empty or holds characters that GS1 does not allow")
    if len(value) > longest:
        raise _malformed(text, f"{value!r} has {len(value)} characters, and {longest} are allowed")
    return value


def _malformed(text: str, why: str) -> BadInput:
    return BadInput(
        f"The EPC URN {text} is malformed: {why}.", hint="See the GS1 EPC Tag Data Standard, section 6.", epc=text
    )
