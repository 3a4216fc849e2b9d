"""What the checks of the GS1 Barcode Syntax Dictionary mean: each name with the function that carries it out.

A rule takes one component's characters and returns None, or the reason why they are wrong as the end of a sentence. The
component's set and length are held to before its rules are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ledger.trace.gs1.characters import BROKEN_PERCENT, SET_39, SET_82
from ledger.trace.gs1.rules import code_lists, coupons, dates, numbers

Rule = Callable[[str], str | None]

CHARACTER_SETS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "N": (re.compile("[0-9]+"), "only digits are allowed there"),
    "X": (SET_82, "GS1 does not allow that there (character set 82)"),
    "Y": (SET_39, "only digits, capital letters, #, - and / are allowed there"),
    "Z": (re.compile("[0-9A-Za-z_-]+={0,2}"), "only letters, digits, - and _ are allowed there, = at the end"),
}


def percent_encoded(text: str) -> str | None:
    """RFC 3986 section 2.1."""
    return "a percent sign must be followed by two hex digits" if BROKEN_PERCENT.search(text) else None


RULES: Mapping[str, Rule] = {
    "couponcode": coupons.coupon,
    "couponposoffer": coupons.positive_offer,
    "csum": numbers.last_digit_checks,
    "csumalpha": numbers.last_two_characters_check,
    "gcppos1": numbers.starts_with_company_prefix,
    "gcppos2": numbers.company_prefix_from_second,
    "hasnondigit": numbers.has_a_non_digit,
    "hh": dates.hour,
    "hhmi": dates.hour_with_minute,
    "hyphen": code_lists.hyphens,
    "iban": numbers.iban,
    "importeridx": code_lists.importer_index,
    "iso3166": code_lists.country_number,
    "iso3166999": code_lists.country_number_or_999,
    "iso3166alpha2": code_lists.country,
    "iso4217": code_lists.currency_number,
    "iso5218": code_lists.sex,
    "latitude": numbers.latitude,
    "longitude": numbers.longitude,
    "mediatype": code_lists.media_type,
    "mi": dates.minute,
    "nonzero": numbers.is_not_zero,
    "nozeroprefix": numbers.has_no_leading_zero,
    "packagetype": code_lists.package_type,
    "pcenc": percent_encoded,
    "pieceoftotal": numbers.piece_of_total,
    "posinseqslash": numbers.position_in_sequence,
    "ss": dates.second,
    "winding": code_lists.winding_direction,
    "yesno": code_lists.yes_or_no,
    "yymmd0": dates.day_or_month,
    "yymmdd": dates.day,
    "yyyymmdd": dates.day_of_full_year,
    "zero": numbers.is_zero,
}
