"""A TOML file (1.0) that people write: what is wrong in it is told with its line.

A file is one heading `[kind]` of settings, and one `[[kind]]` for each of many; parts are named by (heading, place from 0).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any

from ledger.chain.keystore import checksummed
from ledger.errors import BadInput

Part = tuple[str, int]

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_HEADING = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


class TomlFile:
    """One file that is read; knows on which line each key stands. `where` is its name in sentences."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self._lines = _lines_of(text)
        try:
            self.raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            raise BadInput(
                f"The file is not TOML: {error}.",
                where=f"{where}:{line[1]}" if line else where,
                hint="A text stands in quotes, a member begins with [[member]].",
            ) from None

    def tables(self, one: str, many: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The settings under `[one]` and what stands under each `[[many]]`; BadInput where there is anything else."""
        unknown = sorted(set(self.raw) - {one, many})
        if unknown:
            raise BadInput(
                f"Unknown: {', '.join(unknown)}.", where=self.where, hint=f"The file has [{one}] and [[{many}]]."
            )
        settings, each = self.raw.get(one, {}), self.raw.get(many, [])
        if not isinstance(settings, dict) or not isinstance(each, list) or not all(isinstance(t, dict) for t in each):
            raise BadInput(f"Write [{one}] once, and [[{many}]] for each member.", where=self.where)
        return settings, each

    def fault(self, part: Part, name: str, what: str, hint: str | None) -> BadInput:
        """At the line of the key, else of the heading."""
        lines = self._lines.get(part, {})
        return BadInput(what, where=f"{self.where}:{lines.get(name, lines.get('', 1))}", hint=hint)

    def require_known(self, part: Part, table: dict[str, Any], known: set[str]) -> None:
        for name in table:
            if name not in known:
                raise self.fault(part, name, f"Unknown: {name}.", f"Known are: {', '.join(sorted(known))}.")

    def text(self, part: Part, table: dict[str, Any], name: str) -> str:
        value = table.get(name)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            what = f"{name} is missing." if value is None else f"{name} must be a text of one line."
            raise self.fault(part, name, what, f'Write {name} = "…".')
        return value.strip()

    def slug(self, part: Part, table: dict[str, Any]) -> str:
        """A member's short name, which files, environment variables and links carry."""
        slug = self.text(part, table, "slug")
        if not is_slug(slug):
            raise self.fault(part, "slug", f"{slug!r} is no slug.", SLUG_RULE)
        return slug

    def number(self, part: Part, table: dict[str, Any], name: str, default: int | None, least: int, most: int) -> int:
        value = table.get(name, default)
        if type(value) is not int or not least <= value <= most:
            raise self.fault(part, name, f"{name} must be a whole number from {least} to {most}.", "Correct it.")
        return value

    def accounts(self, part: Part, table: dict[str, Any], name: str) -> tuple[str, ...]:
        """A list of account addresses (EIP-55), empty where it is missing."""
        value = table.get(name, [])
        try:
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                raise BadInput(f"{name} is a list of account addresses.")
            return tuple(checksummed(each) for each in value)
        except BadInput as error:
            raise self.fault(part, name, error.what, f'Write {name} = ["0x…"].') from None


SLUG_RULE = "Small letters, digits and '-', at most 32."


def is_slug(text: str) -> bool:
    return _SLUG.fullmatch(text) is not None


def _lines_of(text: str) -> dict[Part, dict[str, int]]:
    """Where the keys of each table stand, by (table, its place among those of that name); "" is the heading."""
    found: dict[Part, dict[str, int]] = {}
    part, counts = ("", 0), Counter[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _HEADING.match(line):
            part = (heading[1], counts[heading[1]])
            counts[heading[1]] += 1
            found[part] = {"": number}
        elif key := _KEY.match(line):
            found.setdefault(part, {}).setdefault(key[1], number)
    return found
