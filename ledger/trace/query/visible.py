"""Who may see which events in a query: a regulator (while it is active) all; a member those that it signed or that name its places; and those
upstream and downstream of a lot that it held, without others' quantities and partners."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, or_, select

from ledger.chain.roles import Role
from ledger.errors import BadInput
from ledger.store.queries.members import MemberRow
from ledger.store.schema import event, event_item, location, statement
from ledger.trace.event_rows import in_batches
from ledger.trace.gs1 import parse_epc

Sight = Literal["whole", "part", "none"]

MOST_LOTS = 20_000  # of a member's lineage: what lies beyond is not shown

_PLACE_OR_PARTY = re.compile(r"[^\"\s]*/(?:414|417)/[0-9]{13}[^\"\s]*|urn:epc:id:(?:sgln|pgln):[0-9.]+")
_UPSTREAM = {"output": ("input",), "child": ("parent",)}
_DOWNSTREAM = {"input": ("output",), "child": ("parent",)}
_PARTNERS = ("sourceList", "destinationList", "bizTransactionList")
_QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


@dataclass(frozen=True, slots=True)
class Visibility:
    """What one member may see. `lineage` are the lots and units up and down from those that it held."""

    member: int
    sees_all: bool
    glns: frozenset[str]
    lineage: frozenset[str]

    def sight(self, signers: frozenset[int], body: str, lot_keys: frozenset[str]) -> Sight:
        """Of an event that these members signed, with this text, about these lots."""
        if self.sees_all or self.member in signers or self._names_its_place(body):
            return "whole"
        return "none" if self.lineage.isdisjoint(lot_keys) else "part"

    def _names_its_place(self, body: str) -> bool:
        return bool(self.glns) and any(_gln(text) in self.glns for text in set(_PLACE_OR_PARTY.findall(body)))


def visibility(connection: Connection, member: MemberRow) -> Visibility:
    """What the member may see now."""
    if member.active and Role.REGULATOR in Role(member.roles):
        return Visibility(member.member, True, frozenset(), frozenset())
    glns = frozenset(connection.execute(select(location.c.gln).where(location.c.member == member.member)).scalars())
    held = _held(connection, member.member, glns)
    lineage = _closure(connection, held, _UPSTREAM) | _closure(connection, held, _DOWNSTREAM)
    return Visibility(member.member, False, glns, frozenset(lineage))


def without_partners(body: Mapping[str, Any]) -> dict[str, Any]:
    """The event without quantities and without those whom it went between."""
    left = {name: value for name, value in body.items() if name not in _PARTNERS}
    for name in _QUANTITY_LISTS:
        if isinstance(left.get(name), list):
            left[name] = [
                {key: value for key, value in entry.items() if key not in ("quantity", "uom")}
                for entry in left[name]
                if isinstance(entry, dict)
            ]
    return left


def _held(connection: Connection, member: int, glns: frozenset[str]) -> set[str]:
    """Lots and units of the events that it signed or that happened at its places."""
    keys = select(event_item.c.lot_key).where(event_item.c.lot_key.is_not(None)).distinct()
    signed = keys.join(statement, statement.c.event_hash == event_item.c.event_hash).where(statement.c.member == member)
    held = set(connection.execute(signed).scalars())
    here = or_(event.c.read_point_gln.in_(glns), event.c.biz_location_gln.in_(glns))
    if glns:
        at_places = keys.join(event, event.c.event_hash == event_item.c.event_hash).where(here)
        held |= set(connection.execute(at_places).scalars())
    return held


def _closure(connection: Connection, start: set[str], onward: Mapping[str, tuple[str, ...]]) -> set[str]:
    """All that is reached, level by level; circles end since nothing is visited twice."""
    seen, level = set(start), set(start)
    used, other = event_item.alias("used"), event_item.alias("other")
    while level and len(seen) < MOST_LOTS:
        reached: set[str] = set()
        for role, into in onward.items():
            query = (
                select(other.c.lot_key)
                .join(used, used.c.event_hash == other.c.event_hash)
                .where(used.c.role == role, other.c.role.in_(into), other.c.lot_key.is_not(None))
                .distinct()
            )
            reached |= {row.lot_key for row in in_batches(connection, query, used.c.lot_key, level)}
        level = reached - seen
        seen |= level
    return seen


def _gln(text: str) -> str | None:
    try:
        return parse_epc(text).gln
    except BadInput:
        return None
