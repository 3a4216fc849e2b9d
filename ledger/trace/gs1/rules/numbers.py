"""Check digits, check characters and the meaning of numbers in AI values (linters of the GS1 Barcode Syntax Dictionary).

Each function takes the characters of one component, already known to be of its set and length, and returns None or the
reason why they are wrong, as the end of a sentence.
"""

from __future__ import annotations

import re

from ledger.trace.gs1.check_digit import check_digit, is_digits
from ledger.trace.gs1.rules.code_lists import is_country

# GS1 General Specifications section 7.9.5: characters by weight, and the first primes as weights of the places.
_82_BY_WEIGHT = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_32_BY_WEIGHT = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)

SHORTEST_COMPANY_PREFIX = 4
SHORTEST_IBAN = 11  # the syntax dictionary's own bound; ISO 13616 names lengths by country
_SEQUENCE = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


def last_digit_checks(text: str) -> str | None:
    expected = check_digit(text[:-1])
    return None if text[-1] == expected else f"its check digit is {text[-1]}, but {expected} was expected"


def last_two_characters_check(text: str) -> str | None:
    """The pair of check characters of a GMN or MUDI."""
    body, pair = text[:-2], text[-2:]
    if len(pair) < 2:
        return "it is too short for two check characters"
    if any(character not in _82_BY_WEIGHT for character in body):
        return "it holds characters that GS1 does not allow there"
    weights = zip(reversed(body), _PRIMES, strict=False)
    total = sum(_82_BY_WEIGHT.index(character) * prime for character, prime in weights) % 1021
    expected = _32_BY_WEIGHT[total >> 5] + _32_BY_WEIGHT[total & 31]
    return None if pair == expected else f"its check characters are {pair}, but {expected} was expected"


def starts_with_company_prefix(text: str) -> str | None:
    """As far as it can be told without GS1's list of prefixes: the shortest has four digits."""
    start = text[:SHORTEST_COMPANY_PREFIX]
    if len(start) == SHORTEST_COMPANY_PREFIX and is_digits(start):
        return None
    return f"it must start with a GS1 Company Prefix, {SHORTEST_COMPANY_PREFIX} digits at least"


def company_prefix_from_second(text: str) -> str | None:
    return starts_with_company_prefix(text[1:])


def is_zero(text: str) -> str | None:
    return None if not text.strip("0") else f"{text} must be zero"


def is_not_zero(text: str) -> str | None:
    return None if text.strip("0") else f"{text} must not be zero"


def has_no_leading_zero(text: str) -> str | None:
    return "it must not start with a zero" if text.startswith("0") else None


def has_a_non_digit(text: str) -> str | None:
    return "it must hold a character that is no digit" if is_digits(text) else None


def piece_of_total(text: str) -> str | None:
    """PPTT: a piece from one to the total."""
    half = len(text) // 2
    piece, total = int(text[:half]), int(text[half:])
    if not piece or not total:
        return "piece and total must not be zero"
    return None if piece <= total else f"piece {piece} exceeds the total of {total}"


def position_in_sequence(text: str) -> str | None:
    """`2/3`."""
    match = _SEQUENCE.fullmatch(text)
    if match is None:
        return "it must read position/end without leading zeros, as 1/2 does"
    return None if int(match[1]) <= int(match[2]) else f"position {match[1]} exceeds the end {match[2]}"


def latitude(text: str) -> str | None:
    """Degrees plus 90, in ten-millionths."""
    return None if int(text) <= 180_0000000 else "a latitude is at most 1800000000"


def longitude(text: str) -> str | None:
    """Degrees plus 180, in ten-millionths, as GS1 shifts them."""
    return None if int(text) <= 360_0000000 else "a longitude is at most 3600000000"


def iban(text: str) -> str | None:
    """ISO 13616-1: country, two check digits, account."""
    if not is_country(text[:2]):
        return f"an IBAN starts with a country, and {text[:2]} is none"
    if len(text) < SHORTEST_IBAN:
        return "it is too short for an IBAN"
    if re.fullmatch("[0-9A-Z]+", text) is None:
        return "an IBAN holds digits and capital letters only"
    number = int("".join(str(int(character, 36)) for character in text[4:] + text[:4]))
    return None if number % 97 == 1 else "its IBAN check digits are wrong"
