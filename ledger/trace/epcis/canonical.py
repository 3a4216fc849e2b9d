"""Single values in their canonical form (GS1 CBV 2.0 section 8.9, rules 5 to 9 and 14 to 18)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.times import utc_milliseconds
from ledger.trace.epcis.vocabulary import expand_curie, web_form
from ledger.trace.gs1 import canonical_uri

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)


def canonical_value(value: Any, prefixes: Mapping[str, str], *, number: bool) -> str:
    """Text, number or boolean as the pre-hash string has it; "" for nothing.

    With `number`, text that is a plain number counts as one: XML cannot tell the two apart.
    """
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return ""
        if number and _NUMBER.fullmatch(text):
            return plain_number(text)
        text = web_form(expand_curie(text, prefixes))
        return canonical_uri(text) or text
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain_number(format(value, "f"))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict | list):
        raise BadInput(
            f"A single value is wanted where {'an object' if isinstance(value, dict) else 'a list'} stands.",
            hint="Write text or a number.",
        )
    return "" if value is None else str(value)


def canonical_time(value: Any) -> str:
    """A time in UTC with milliseconds; what is no time stays as it is."""
    text = str(value).strip()
    return utc_milliseconds(text) or text


def plain_number(text: str) -> str:
    """A decimal without plus sign, leading and trailing zeros: exact, whatever its length."""
    negative = text.startswith("-")
    whole, _, fraction = text.lstrip("+-").partition(".")
    fraction = fraction.rstrip("0")
    number = (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return f"-{number}" if negative and number != "0" else number
