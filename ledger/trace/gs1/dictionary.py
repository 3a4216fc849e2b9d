"""Every GS1 Application Identifier with its format and rules, as the GS1 Barcode Syntax Dictionary states them.

Holds the table and finds entries in it; what a check means is in `ledger.trace.gs1.rules`. The table is
`application_identifiers.json`, made by scripts/gs1-dictionary from GS1's public file (Apache-2.0, GS1 AISBL).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Component:
    """A stretch of a value: characters of one set, `shortest` to `longest` of them, with further checks by name.

    `character_set` is N (digits), X (82 characters), Y (39 characters) or Z (base64 for file names and URIs).
    """

    character_set: str
    shortest: int
    longest: int
    optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """One AI. `predefined`: its length is fixed by its first two digits, so that no FNC1 follows it. `attribute`: it may
    stand in the query of a Digital Link URI.

    `requires`: of each list, all AIs of at least one group must be there; `excludes`: none may. `n` in them stands for
    any digit. `key_orders`: None unless it is a primary key of a Digital Link; then the orders of qualifiers it accepts.
    """

    ai: str
    title: str
    predefined: bool
    attribute: bool
    components: tuple[Component, ...]
    requires: tuple[tuple[tuple[str, ...], ...], ...]
    excludes: tuple[str, ...]
    key_orders: tuple[tuple[str, ...], ...] | None

    @property
    def shortest(self) -> int:
        return sum(component.shortest for component in self.components if not component.optional)

    @property
    def longest(self) -> int:
        return sum(component.longest for component in self.components)

    @property
    def name(self) -> str:
        """`AI (10) BATCH/LOT`, as it stands in sentences."""
        return f"AI ({self.ai}) {self.title}" if self.title else f"AI ({self.ai})"


def find(ai: str) -> ApplicationIdentifier | None:
    """The entry of exactly this AI, or None."""
    return table().get(ai)


def at_start_of(text: str) -> ApplicationIdentifier | None:
    """The AI that `text` starts with: no AI is the start of another, so there is at most one."""
    known = table()
    return next((known[text[:length]] for length in (2, 3, 4) if text[:length] in known), None)


@lru_cache(maxsize=1)
def table() -> Mapping[str, ApplicationIdentifier]:
    """All entries by AI, ranges spread out, in the dictionary's order."""
    text = files("ledger.trace.gs1").joinpath("application_identifiers.json").read_text("utf-8")
    return {entry.ai: entry for row in json.loads(text)["entries"] for entry in _spread(row)}


def _spread(row: dict[str, Any]) -> list[ApplicationIdentifier]:
    first, last = row["ai"], row.get("to", row["ai"])
    components = tuple(
        Component(
            part["set"], part["min"], part["max"], bool(part.get("optional", False)), tuple(part.get("checks", ()))
        )
        for part in row["parts"]
    )
    requires = tuple(tuple(tuple(group) for group in groups) for groups in row.get("req", ()))
    orders = tuple(tuple(order) for order in row["key"]) if "key" in row else None
    return [
        ApplicationIdentifier(
            ai=str(number).zfill(len(first)),
            title=row["title"],
            predefined=row["predefined"],
            attribute=row["attribute"],
            components=components,
            requires=requires,
            excludes=tuple(row.get("ex", ())),
            key_orders=orders,
        )
        for number in range(int(first), int(last) + 1)
    ]
