"""One tree of errors. Each says what is wrong, where, and what to do; the API maps them to status codes in one place.

An error is a sentence for a person (`what`), a place (`where`: a file and line, a JSON pointer, an order number), a next step
(`hint`) and the values it speaks of (`values`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SuyuanError(Exception):
    """Something a person can act upon."""

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None, **values: Any) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint
        self.values = values

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        step = f" {self.hint}" if self.hint else ""
        return f"{place}{self.what}{step}"


class BadInput(SuyuanError):
    """What was handed in is wrong; nothing was written."""


class BadDocument(BadInput):
    """A document with one or more faults, each with its place."""

    def __init__(
        self, what: str, problems: Sequence[BadInput], *, where: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  - {problem}" for problem in self.problems)])


class Conflict(SuyuanError):
    """It contradicts what stands already, for example an order number reused with other content."""


class NotFound(SuyuanError):
    """There is no such thing."""


class NotAllowed(SuyuanError):
    """The member lacks the role, the grant or the ownership that this needs."""


class NotAuthenticated(SuyuanError):
    """The session or signature is missing, expired or somebody else's."""


class WrongPassword(NotAuthenticated):
    """A keystore did not open."""


class Unavailable(SuyuanError):
    """A process or place that this needs does not answer: a node, a signer, a port, a disk."""


class BrokenEvidence(SuyuanError):
    """What the chain or the store gave cannot be true: the line stops and the cursor stays where it is."""


class Reverted(SuyuanError):
    """A contract refused. `values['error']` is the custom error's name, `values['args']` its arguments by name."""


class NodeRefused(Unavailable):
    """The chain's node answered with an error of its own. `values['code']` and `values['message']` are the node's."""
