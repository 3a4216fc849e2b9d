"""Amounts as integers of the minor unit (fen for CNY), read from decimal text and written back. No float, in no place.

Decimal text is what XML Schema calls `decimal` (ISO 20022 amounts): ASCII digits, at most one point, no exponent, no
thousands separators.
"""

from __future__ import annotations

import re

from ledger.errors import BadInput
from ledger.settle.currencies import exponent_of

CNY = "CNY"
ORDER_CAP_FEN = 9 * 10**14  # of one order, as the contract has it

_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_MOST_DIGITS = 18  # ISO 20022: totalDigits 18


def parse_amount(text: str, currency: str, *, where: str | None = None) -> int:
    """Minor units that decimal text stands for: ("8.850", "EUR") is 885. Zeros beyond the currency's decimals are fine.

    BadInput for what is no decimal number, is negative, has more decimals than the currency, or an unknown currency.
    """
    exponent = exponent_of(currency)
    if exponent is None:
        raise BadInput(
            f"{currency!r} is no currency of ISO 4217.",
            where=where,
            hint="Use a three-letter code such as CNY.",
            currency=currency,
        )
    match = _DECIMAL.fullmatch(text.strip(" \t\r\n"))
    sign, whole, fraction = match.groups(default="") if match else ("", "", "")
    if not whole + fraction:
        raise BadInput(
            f"The amount {text!r} is not a decimal number.", where=where, hint="Write it like 1234.50.", amount=text
        )
    significant = fraction.rstrip("0")
    if len(significant) > exponent:
        raise BadInput(
            f"The amount {text} has more decimals than {currency} has ({exponent}).",
            where=where,
            hint="Money is whole minor units.",
            amount=text,
        )
    if len(whole.lstrip("0")) + exponent > _MOST_DIGITS:
        raise BadInput(
            f"The amount {text[:40]} is too large: at most {_MOST_DIGITS} digits.", where=where, amount=text[:40]
        )
    minor = int(whole + significant.ljust(exponent, "0") or "0")
    if sign == "-" and minor:
        raise BadInput(
            f"The amount {text} is negative.",
            where=where,
            hint="Amounts are positive; a direction says which way.",
            amount=text,
        )
    return minor


def yuan(fen: int) -> str:
    """For people: 123456 is "¥1,234.56", -5 is "-¥0.05"."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}¥{whole:,}.{rest:02d}"


def amount_text(minor: int, currency: str = CNY) -> str:
    """Exact decimal text: (123450, "CNY") is "1234.50", (-5, "CNY") is "-0.05". Only for currencies of ISO 4217."""
    exponent = exponent_of(currency)
    if exponent is None:
        raise BadInput(f"{currency!r} is no currency of ISO 4217.", currency=currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"
