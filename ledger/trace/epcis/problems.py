"""What is wrong with an event, collected so that a person sees all of it at once, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledger.errors import BadInput


@dataclass(slots=True)
class Problems:
    """Faults found so far. Places are JSON pointers (RFC 6901) into the document, after the source's name and a
    number sign.
    """

    source: str
    line: int | None = None
    found: list[BadInput] = field(default_factory=list)

    def add(self, pointer: str, what: str, hint: str | None = None, **values: Any) -> None:
        """One fault."""
        self.found.append(BadInput(sentence(what), where=self.place(pointer), hint=hint, pointer=pointer, **values))

    def adopt(self, pointer: str, problem: BadInput) -> None:
        """A fault that another module found, with its place here."""
        self.add(pointer, problem.what, problem.hint, **problem.values)

    def place(self, pointer: str) -> str:
        """`harvest.json#/epcisBody/eventList/0/action`; for XML with the line of the event."""
        line = f" line {self.line}" if self.line is not None else ""
        return f"{self.source}{line}#{pointer}"


def sentence(text: str) -> str:
    """The text with its full stop."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def escape(name: str) -> str:
    """A name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
