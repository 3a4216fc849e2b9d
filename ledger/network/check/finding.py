"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["passes", "adapts", "fails", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One line of the answer. `passes`: as the ledger likes it; `adapts`: it is otherwise, and `ledger` says what the
    ledger does about it; `fails`: the ledger cannot run there; `unknown`: it could not be tried."""

    topic: str
    verdict: Verdict
    sentence: str
    ledger: str | None = None


def passes(topic: str, sentence: str, ledger: str | None = None) -> Finding:
    return Finding(topic, "passes", sentence, ledger)


def adapts(topic: str, sentence: str, ledger: str) -> Finding:
    return Finding(topic, "adapts", sentence, ledger)


def fails(topic: str, sentence: str, ledger: str = "It cannot run there.") -> Finding:
    return Finding(topic, "fails", sentence, ledger)


def unknown(topic: str, sentence: str, ledger: str | None = None) -> Finding:
    return Finding(topic, "unknown", sentence, ledger)
