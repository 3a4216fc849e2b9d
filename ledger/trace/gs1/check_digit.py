"""Check digits of GS1 keys (GS1 General Specifications section 7.9.1), and the lengths in which a GTIN may stand."""

from __future__ import annotations

from functools import lru_cache

from ledger.errors import BadInput

GTIN_LENGTHS = (8, 12, 13, 14)
_WORDS = {8: "GTIN-8", 12: "GTIN-12", 13: "GTIN-13", 14: "GTIN-14"}


def is_digits(text: str) -> bool:
    """ASCII digits only: str.isdigit would let other scripts' digits pass."""
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=65536)
def check_digit(body: str) -> str:
    """The digit that completes `body` (digits without their check digit): weights 3 and 1 from the right, up to the
    next ten.
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def require_check_digit(key: str, name: str, *, where: str | None = None) -> str:
    """`key`, or BadInput that names the digit that was expected."""
    expected = check_digit(key[:-1])
    if expected != key[-1]:
        raise BadInput(
            f"The {name} {key} has check digit {key[-1]}, but {expected} was expected.",
            where=where,
            hint=f"Check the number: a digit is mistyped, or it should end in {expected}.",
            key=key,
            expected=expected,
            actual=key[-1],
        )
    return key


def _require_digits(text: str, name: str, lengths: tuple[int, ...], where: str | None) -> str:
    if not is_digits(text) or len(text) not in lengths:
        wanted = " or ".join(
            [", ".join(str(n) for n in lengths[:-1]), str(lengths[-1])] if len(lengths) > 1 else [str(lengths[0])]
        )
        found = f"{len(text)} digits" if is_digits(text) else "characters that are no digits" if text else "nothing"
        raise BadInput(
            f"{text!r} is no {name}: it must be {wanted} digits, and has {found}.",
            where=where,
            hint=f"Write the {name} as digits only.",
            key=text,
        )
    return text


def check_gtin(text: str, *, where: str | None = None) -> str:
    """A GTIN-8, -12, -13 or -14 as the 14 digits in which everything here writes it (zeros to the left)."""
    gtin = _require_digits(text.strip(), "GTIN", GTIN_LENGTHS, where)
    return require_check_digit(gtin, _WORDS[len(gtin)], where=where).zfill(14)


def check_gln(text: str, *, where: str | None = None) -> str:
    """A GLN of 13 digits."""
    return require_check_digit(_require_digits(text.strip(), "GLN", (13,), where), "GLN", where=where)


def check_sscc(text: str, *, where: str | None = None) -> str:
    """An SSCC of 18 digits."""
    return require_check_digit(_require_digits(text.strip(), "SSCC", (18,), where), "SSCC", where=where)
