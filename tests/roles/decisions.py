"""The table of decisions, read and checked: who may call which function and ask which route."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ledger.chain.roles import ANY, EVIDENCE, Role

FILE = Path(__file__).with_name("decisions.toml")

NO_ROLE = Role(0)
ALL_ROLES = ANY | Role.COUNCIL
ROLES = {role.name: role for role in Role if role.name} | {"EVIDENCE": EVIDENCE, "ANY": ANY}
GONE = ("expelled", "left")
#: Who there is to try: a member of each role, one of none, one of all, and three that may act no more.
MEMBERS: dict[str, Role] = {
    **{role.name.lower(): role for role in Role if role in ALL_ROLES and role.name},
    "no-role": NO_ROLE,
    "all-roles": ALL_ROLES,
    "suspended": ALL_ROLES,
    "expelled": ALL_ROLES,
    "left": ALL_ROLES,
}
OTHERS = {"anyone", "MEMBER", "governor", "registrar", "relay", "escrow", "campaigns", "credit"} | MEMBERS.keys()
FIELDS = {"may", "needs", "by", "else", "member_else", "gone_else", "because", "scope", "refused"}


@dataclass(frozen=True)
class Actor:
    """Who tries, with which key. `member` None: an account of no member; `roles` are the key's."""

    name: str
    account: str
    member: str | None = None
    roles: Role = NO_ROLE
    key: Literal["account", "operator", "ended", "revoked"] = "account"

    @property
    def standing(self) -> str:
        return self.member if self.member in ("suspended", *GONE) else "active"


@dataclass(frozen=True)
class Decision:
    """One line of the table; the fields are explained at its head."""

    may: frozenset[str]
    needs: Role | None
    by_account: bool
    otherwise: str | None
    member_otherwise: str | None
    gone_otherwise: str | None
    scope: str | None
    refused: int

    def status_of(self, actor: Actor) -> int:
        """The status for an actor that may not."""
        if actor.member is None or actor.key in ("ended", "revoked"):
            return 401
        return 403 if self.by_account and actor.key == "operator" else self.refused

    def admits(self, actor: Actor) -> bool:
        if "anyone" in self.may or (actor.member is None and actor.name in self.may):
            return True
        if actor.member is None or actor.key in ("ended", "revoked") or (self.by_account and actor.key != "account"):
            return False
        if actor.standing != "active" and actor.standing not in self.may:
            return False
        if self.needs is not None and not self.needs & actor.roles:
            return False
        held = any(ROLES[word] & actor.roles for word in self.may & ROLES.keys())
        return held or "MEMBER" in self.may or (actor.standing == "active" and actor.member in self.may)

    def refusal_of(self, actor: Actor) -> str:
        """The contract's error for an actor that may not: as IMembers promises, the key first, then the member's standing,
        then the role."""
        if self.otherwise is not None:
            return self.otherwise
        if actor.member is None:
            return "NotMember"
        if actor.key == "revoked":
            return "KeyIsRevoked"
        if self.by_account and actor.key != "account":
            return "NotTheAccount"
        if actor.key == "ended":
            return "KeyHasEnded"
        if actor.standing in GONE and self.gone_otherwise is not None:
            return self.gone_otherwise
        if actor.standing != "active" and actor.standing not in self.may:
            return "MemberNotActive"
        if self.needs is not None and not self.needs & actor.roles:
            return "MissingRole"
        return self.member_otherwise or "MissingRole"


def operator_of(member: str) -> str:
    """The name of the operator that each member has."""
    return f"{member}'s operator"


def operator_roles(member: str) -> Role:
    """What it was given: the member's trade roles; where it has none, the treasury."""
    return Role(MEMBERS[member] & ~Role.COUNCIL) or Role.TREASURY


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
    return Decision(
        may=words,
        needs=ROLES[line["needs"]] if "needs" in line else None,
        by_account=line.get("by") == "account",
        otherwise=line.get("else"),
        member_otherwise=line.get("member_else"),
        gone_otherwise=line.get("gone_else"),
        scope=line.get("scope"),
        refused=line.get("refused", 403),
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
