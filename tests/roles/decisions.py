"""The table of decisions, read and checked: who may call which function and ask which route."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ledger.chain.roles import EVIDENCE, Role

FILE = Path(__file__).with_name("decisions.toml")

NO_ROLE = Role(0)
ROLES = {role.name: role for role in Role if role.name} | {"EVIDENCE": EVIDENCE}
#: Who there is to try: a member of each role, one of none, and one that was suspended.
MEMBERS: dict[str, Role] = {
    **{role.name.lower(): role for role in Role if role.name},
    "no-role": NO_ROLE,
    "suspended": Role((1 << 13) - 1),
}
OTHERS = {"anyone", "MEMBER", "operators", "governor", "registrar", "relay", "escrow", "suspended", "expelled"}
FIELDS = {"may", "else", "member_else", "because", "scope", "refused"}


@dataclass(frozen=True)
class Actor:
    """Who tries. `member`: the account is of a member; `operator`: it is not the member's own key but another that
    the member set."""

    name: str
    account: str
    roles: Role = NO_ROLE
    member: bool = True
    active: bool = True
    operator: bool = False


@dataclass(frozen=True)
class Decision:
    """One line. `otherwise` is a contract's error for everybody refused, `member_otherwise` that for active members;
    None: those of roles."""

    may: frozenset[str]
    otherwise: str | None
    member_otherwise: str | None
    scope: str | None
    refused: int

    def admits(self, actor: Actor) -> bool:
        if "anyone" in self.may or actor.name in self.may:
            return True
        if not (actor.member and actor.active) or (actor.operator and "operators" not in self.may):
            return False
        return "MEMBER" in self.may or any(ROLES[word] & actor.roles for word in self.may & ROLES.keys())

    def refusal_of(self, actor: Actor) -> str:
        """The contract's error for an actor that may not."""
        if self.otherwise is not None:
            return self.otherwise
        if not actor.member:
            return "NotMember"
        if not actor.active:
            return "MemberNotActive"
        return self.member_otherwise or "MissingRole"


def reads_of(contract: str) -> frozenset[str]:
    """The functions that only read: everybody may, and everybody hears the same."""
    return frozenset(str(_table()["contracts"].get(contract, {}).get("reads", "")).split())


def decisions_of(contract: str) -> dict[str, Decision]:
    """By function, of those that change something."""
    lines = _table()["contracts"].get(contract, {})
    return {name: _decision(f"{contract}.{name}", line) for name, line in lines.items() if name != "reads"}


def contracts_decided() -> frozenset[str]:
    return frozenset(_table()["contracts"])


def api_decisions() -> dict[str, Decision]:
    """By method and path, like `POST /orders`."""
    return {route: _decision(route, line) for route, line in _table()["api"].items()}


def _decision(where: str, line: dict[str, Any]) -> Decision:
    words = frozenset(str(line.get("may", "")).split())
    unknown = (set(line) - FIELDS) | (words - ROLES.keys() - OTHERS)
    assert words, f"{where}: `may` says nothing; write who may."
    assert not unknown, (
        f"{where}: {', '.join(sorted(unknown))} means nothing here; the head of {FILE.name} lists words."
    )
    return Decision(words, line.get("else"), line.get("member_else"), line.get("scope"), line.get("refused", 403))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
