"""The characters of lots and serials, and how they are written in EPC URNs and Digital Link URIs.

Sets are those of the GS1 General Specifications, figures 7.11-1 (82 characters) and 7.11-2 (39 characters).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ledger.errors import BadInput
from ledger.trace.gs1.dictionary import table

_82 = r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z"
SET_82 = re.compile(f"[{_82}]+")
SET_39 = re.compile(r"[#\-/0-9A-Z]+")
BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# GS1 Digital Link URI syntax 1.2, table 7-1, and what RFC 3986 does not allow in a path segment. The apostrophe, the
# semicolon
# and the equals sign stay as they are: so do the published CBV 2.0 hash vectors.
_ESCAPED = {ord(character): f"%{ord(character):02X}" for character in '!"#%&()*+,/:<>?'}


def to_path(value: str) -> str:
    """A value as a segment of a canonical Digital Link path."""
    return value.translate(_ESCAPED)


def from_escaped(text: str) -> str | None:
    """The value behind percent-encoded text, or None where a percent sign is not followed by two hex digits."""
    if "%" not in text:
        return text
    return None if BROKEN_PERCENT.search(text) else unquote(text, errors="replace")


def check_text(value: str, name: str, longest: int, *, where: str | None = None) -> str:
    """`value`, or BadInput where it is empty, too long or holds a character that GS1 does not allow there."""
    if not value:
        raise BadInput(f"The {name} is empty.", where=where, hint=f"Give the {name}, 1 to {longest} characters.")
    if len(value) > longest:
        raise BadInput(
            f"The {name} {value!r} has {len(value)} characters, and {longest} are allowed.",
            where=where,
            hint=f"Use at most {longest} characters.",
            value=value,
        )
    if SET_82.fullmatch(value) is None:
        wrong = sorted({character for character in value if SET_82.fullmatch(character) is None})
        raise BadInput(
            f"The {name} {value!r} holds {' '.join(map(repr, wrong))}, which GS1 does not allow there.",
            where=where,
            hint="Letters without accents, digits and common signs are allowed; spaces are not.",
            value=value,
        )
    return value


def check_lot(text: str, *, where: str | None = None) -> str:
    """A batch or lot number (AI 10): 1 to 20 characters of the set of 82."""
    return check_text(text, "lot", table()["10"].longest, where=where)


def check_serial(text: str, *, where: str | None = None) -> str:
    """A serial number (AI 21): 1 to 20 characters of the set of 82."""
    return check_text(text, "serial", table()["21"].longest, where=where)
