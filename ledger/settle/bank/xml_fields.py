"""Fields of an ISO 20022 element: found by local name, so that the message's version does not matter, and checked.

Each fault is BadInput with its line.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from lxml import etree

from ledger.errors import BadInput
from ledger.settle.bank.statement import Amount, Direction
from ledger.settle.bank.xml_reading import line_of
from ledger.settle.money import parse_amount

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_DIRECTIONS: dict[str, Direction] = {"CRDT": "credit", "DBIT": "debit"}


class Fields:
    """One element and the file it stands in."""

    def __init__(self, element: etree._Element, source: str) -> None:
        self._element = element
        self.source = source

    @property
    def name(self) -> str:
        return etree.QName(self._element).localname

    @property
    def where(self) -> str:
        return line_of(self._element, self.source)

    def child(self, *path: str) -> Fields | None:
        """The first element at a path of local names."""
        found = self._element.find("/".join(f"{{*}}{name}" for name in path))
        return None if found is None else Fields(found, self.source)

    def children(self, name: str) -> list[Fields]:
        return [Fields(found, self.source) for found in self._element.findall(f"{{*}}{name}")]

    def need(self, *path: str) -> Fields:
        """As `child`; BadInput when it is missing."""
        found = self.child(*path)
        if found is None:
            raise BadInput(
                f"<{self.name}> has no <{'/'.join(path)}>.", where=self.where, hint="Ask the bank for a complete file."
            )
        return found

    def text(self, *path: str) -> str | None:
        """The trimmed text at a path; None when it is missing or empty. BadInput when elements stand in it."""
        found = self.child(*path) if path else self
        if found is None:
            return None
        if len(found._element):
            raise BadInput(f"<{found.name}> should hold text and holds elements.", where=found.where)
        return (found._element.text or "").strip() or None

    def need_text(self, *path: str) -> str:
        text = self.need(*path).text()
        if text is None:
            raise BadInput(
                f"<{'/'.join(path)}> is empty.", where=self.need(*path).where, hint="Ask the bank for a complete file."
            )
        return text

    def first_text(self, *paths: str) -> str | None:
        """The first text among paths written with slashes."""
        return next((text for path in paths if (text := self.text(*path.split("/"))) is not None), None)

    def amount(self, *path: str) -> Amount | None:
        """Amount with its Ccy attribute; BadInput when it is no exact amount of a known currency; None when missing."""
        found = self.child(*path)
        return None if found is None else found._as_amount()

    def need_amount(self, *path: str) -> Amount:
        return self.need(*path)._as_amount()

    def direction(self) -> Direction | None:
        """CdtDbtInd of this element; None when it has none."""
        found = self.child("CdtDbtInd")
        return None if found is None else found._as_direction()

    def need_direction(self) -> Direction:
        return self.need("CdtDbtInd")._as_direction()

    def flag(self, name: str) -> bool:
        """An xs:boolean; false when missing."""
        text = self.text(name)
        if text not in (None, "true", "false", "1", "0"):
            raise BadInput(f"<{name}> is {text!r}, neither true nor false.", where=self.need(name).where)
        return text in ("true", "1")

    def day(self, name: str) -> date | None:
        """The day of a date or a date with time (Dt or DtTm below `name`), in the bank's zone; None when missing."""
        choice = self.child(name)
        if choice is None:
            return None
        text = choice.first_text("Dt", "DtTm") or choice.text()
        match = _DATE.fullmatch(text or "") or _TIME.fullmatch(text or "")
        try:
            return date.fromisoformat(match.group(1)[:10] if match else "")
        except ValueError:
            raise BadInput(
                f"<{name}> holds no date: {text!r}.", where=choice.where, hint="Dates are like 2026-04-20."
            ) from None

    def moment(self, *path: str) -> str | None:
        """An ISO 8601 date with time, checked, as Python writes it; None when missing. 24:00:00 is the next day's 0:00."""
        text = self.text(*path)
        if text is None:
            return None
        try:
            if not _TIME.fullmatch(text):
                raise ValueError
            at = datetime.fromisoformat(text.replace("T24:00:00", "T00:00:00"))
            return (at + timedelta(days=1) if "T24:00:00" in text else at).isoformat()
        except (ValueError, OverflowError):
            hint = "It should be like 2026-04-20T18:00:00+08:00."
            where = self.need(*path).where
            raise BadInput(f"<{path[-1]}> holds no date with time: {text!r}.", where=where, hint=hint) from None

    def _as_amount(self) -> Amount:
        currency = (self._element.get("Ccy") or "").strip()
        if not currency:
            raise BadInput(f"<{self.name}> names no currency (attribute Ccy).", where=self.where)
        return Amount(parse_amount(self.text() or "", currency, where=self.where), currency)

    def _as_direction(self) -> Direction:
        text = self.text()
        if text not in _DIRECTIONS:
            raise BadInput(f"<{self.name}> is {text!r}, neither CRDT nor DBIT.", where=self.where)
        return _DIRECTIONS[text]
