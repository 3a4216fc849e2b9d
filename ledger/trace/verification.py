"""The record of a verification: numbered steps, each with what should be there and what is; and what is asked of a
chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.trace.item_verdict import Scan, Verdict


class CommitmentLike(Protocol):
    """An ItemsCommitted log as `ledger.chain.witness` reads it."""

    @property
    def root(self) -> str: ...
    @property
    def gtin(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def member(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def manifest(self) -> str: ...


class ChainReader(Protocol):
    """What the chain is asked; `ledger.chain.witness.Witness` is one."""

    def recorded_at(self, member: int, commitment: str) -> int: ...
    def items_committed(self, root: str, block: int) -> CommitmentLike | None: ...
    def is_recalled(self, gtin: str, lot: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what should be there and what is. `about` names what was compared."""

    about: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class VerifiedStep:
    """A numbered step with its comparisons; it holds when all of them do."""

    number: int
    title: str
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome. `exit_status` is 0 only for a genuine code, every step of which holds."""

    uri: str
    gtin: str | None
    lot: str | None
    serial: str | None
    verdict: Verdict | None  # None where the URI names a lot without a serial
    steps: tuple[VerifiedStep, ...]
    chain_asked: bool
    scan: Scan | None = field(default=None)

    @property
    def holds(self) -> bool:
        return all(step.holds for step in self.steps)

    @property
    def exit_status(self) -> int:
        return 0 if self.holds and self.verdict in (Verdict.GENUINE, None) else 1

    def as_json(self) -> dict[str, Any]:
        """Keys: uri, gtin, lot, serial, verdict, holds, chain_asked, steps (number, title, holds, checks)."""
        return {
            "uri": self.uri,
            "gtin": self.gtin,
            "lot": self.lot,
            "serial": self.serial,
            "verdict": self.verdict.value if self.verdict else None,
            "holds": self.holds,
            "chain_asked": self.chain_asked,
            "steps": [
                {
                    "number": step.number,
                    "title": step.title,
                    "holds": step.holds,
                    "checks": [
                        {"about": c.about, "expected": c.expected, "found": c.found, "holds": c.holds}
                        for c in step.checks
                    ],
                }
                for step in self.steps
            ],
        }
