"""North American coupon codes: AI 8110 (GS1 US, "North American Coupon Application Guideline Using GS1 DataBar Expanded
Symbols") and AI 8112 (positive offer file).

A coupon is a chain of fields, many of which say their own length in a digit before them.
"""

from __future__ import annotations

from ledger.trace.gs1.check_digit import is_digits
from ledger.trace.gs1.rules.dates import day
from ledger.trace.gs1.rules.numbers import starts_with_company_prefix


class _Fault(Exception):
    """The reason why a coupon is wrong; it does not leave this file."""


class _Fields:
    """Reads a coupon from left to right."""

    def __init__(self, text: str) -> None:
        if not is_digits(text):
            raise _Fault("a coupon code holds digits only")
        self._rest = text

    def take(self, count: int, name: str) -> str:
        if len(self._rest) < count:
            raise _Fault(f"it ends within the {name}")
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def one_of(self, allowed: str, name: str) -> str:
        digit = self.take(1, name)
        if digit not in allowed:
            raise _Fault(f"{digit} is no {name}")
        return digit

    def sized(self, lengths: str, name: str, more: int = 0) -> str:
        """A field after the digit that says its length, less `more`."""
        return self.take(int(self.one_of(lengths, f"length of the {name}")) + more, name)

    def company(self, name: str, lengths: str = "0123456") -> None:
        problem = starts_with_company_prefix(self.sized(lengths, name, 6))
        if problem:
            raise _Fault(f"the {name}: {problem}")

    def option(self, mark: str) -> bool:
        """Whether the optional field of that mark comes next; its mark is taken."""
        if not self._rest.startswith(mark):
            return False
        self._rest = self._rest[1:]
        return True

    def date(self, name: str) -> str:
        text = self.take(6, name)
        problem = day(text)
        if problem:
            raise _Fault(f"the {name}: {problem}")
        return text

    def end(self) -> None:
        if self._rest:
            raise _Fault(f"{self._rest} is left over at its end")


def coupon(text: str) -> str | None:
    """AI 8110."""
    try:
        fields = _Fields(text)
        fields.company("company prefix")
        fields.take(6, "offer code")
        fields.sized("12345", "save value")
        _purchase(fields, "first")
        if fields.option("1"):
            fields.one_of("0123", "additional purchase rules code")
            _further_purchase(fields, "second")
        if fields.option("2"):
            _further_purchase(fields, "third")
        expires = fields.date("expiration date") if fields.option("3") else None
        starts = fields.date("start date") if fields.option("4") else None
        if expires and starts and starts > expires:
            raise _Fault("it expires before it starts")
        if fields.option("5"):
            fields.sized("0123456789", "serial number", 6)
        if fields.option("6"):
            fields.company("retailer's company prefix or GLN", "1234567")
        if fields.option("9"):
            fields.one_of("01256", "save value code")
            fields.one_of("012", "item that the save value applies to")
            fields.take(1, "store coupon flag")
            fields.one_of("01", "don't multiply flag")
        fields.end()
    except _Fault as fault:
        return str(fault)
    return None


def positive_offer(text: str) -> str | None:
    """AI 8112."""
    try:
        fields = _Fields(text)
        fields.one_of("01", "coupon format")
        fields.sized("0123456", "funder", 6)
        fields.take(6, "offer code")
        fields.sized("0123456789", "serial number", 6)
        fields.end()
    except _Fault as fault:
        return str(fault)
    return None


def _purchase(fields: _Fields, name: str) -> None:
    fields.sized("12345", f"{name} purchase requirement")
    fields.one_of("012349", f"{name} purchase requirement code")
    fields.take(3, f"{name} purchase family code")


def _further_purchase(fields: _Fields, name: str) -> None:
    """It may be of another company: 9 in place of the prefix's length says that it is not."""
    _purchase(fields, name)
    if not fields.option("9"):
        fields.company(f"{name} purchase company prefix")
