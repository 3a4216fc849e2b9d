"""One event with its statements, and who may see what it says.

Who said something, and when, stands on the chain. What was said, and the salt that opens the commitment, is for those
concerned: the members that signed it, the members whose places or parties it names, and everybody once it is part of
the public journey of a lot with item codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ledger.errors import BadInput, NotFound
from ledger.store.schema import event, event_item, items_committed, location, member, statement
from ledger.trace.gs1 import parse_epc

MOST_LOTS = 2000  # of the walk downstream: beyond it an event counts as not public

_PLACE_OR_PARTY = re.compile(r"[^\"\s]*/(?:414|417)/[0-9]{13}[^\"\s]*|urn:epc:id:(?:sgln|pgln):[0-9.]+")


def event_document(connection: Connection, event_hash: str, asking: int | None) -> dict[str, Any]:
    """The event as JSON. `sealed` is true where body and salts are not for whoever asks. NotFound when no statement
    is of it."""
    row = connection.execute(select(event).where(event.c.event_hash == event_hash)).first()
    if row is None:
        raise NotFound(
            f"The ledger knows no event {event_hash}.",
            where=event_hash,
            hint="Check the 64 hex digits of its CBV 2.0 hash.",
        )
    said = list(
        connection.execute(
            select(statement, member.c.slug, member.c.name)
            .join(member, member.c.member == statement.c.member)
            .where(statement.c.event_hash == event_hash)
            .order_by(statement.c.block, statement.c.log_index)
        )
    )
    opened = may_open(connection, event_hash, row.body, {one.member for one in said}, asking)
    document: dict[str, Any] = {
        "eventHash": event_hash,
        "ni": f"ni:///sha-256;{event_hash}?ver=CBV2.0",
        "sealed": not opened,
        "statements": [
            {
                "member": one.slug,
                "name": one.name,
                "commitment": one.commitment,
                "salt": one.salt if opened else None,
                "block": one.block,
                "txHash": one.tx_hash,
                "recordedAt": one.recorded_at,
                "underGrant": one.grant_hash,
            }
            for one in said
        ],
    }
    if opened:
        document["event"] = msgspec.Raw(row.body.encode())  # as captured: its decimals pass through no float
    return document


def may_open(connection: Connection, event_hash: str, body: str, signers: set[int], asking: int | None) -> bool:
    """Whether body and salts are for whoever asks (None: anybody)."""
    if asking is not None and (asking in signers or asking in _members_named(connection, body)):
        return True
    return is_public(connection, event_hash)


def is_public(connection: Connection, event_hash: str) -> bool:
    """Whether the event belongs to the journey of a lot that has item codes."""
    named = select(event_item.c.lot_key).where(event_item.c.event_hash == event_hash, event_item.c.lot_key.is_not(None))
    return leads_to_codes(connection, set(connection.execute(named).scalars()))


def leads_to_codes(connection: Connection, lot_keys: set[str]) -> bool:
    """Whether one of these lots, or something that was made of them, has item codes: then their past is public."""
    frontier, seen = set(lot_keys), set[str]()
    while frontier and len(seen) < MOST_LOTS:
        if _any_coded(connection, frontier):
            return True
        seen |= frontier
        frontier = set(_next_lots(connection, frontier)) - seen
    return False


def _any_coded(connection: Connection, lot_keys: set[str]) -> bool:
    coded = items_committed
    key = coded.c.gtin + "/" + coded.c.lot
    for part in _parts(sorted(lot_keys)):
        gtins = [one.split("/", 1)[0] for one in part]  # narrows by the index; the key decides
        if (
            connection.execute(select(coded.c.root).where(coded.c.gtin.in_(gtins), key.in_(part)).limit(1)).first()
            is not None
        ):
            return True
    return False


def _next_lots(connection: Connection, lot_keys: set[str]) -> Iterator[str]:
    """What these were made into, and what was on (or is) the pallet with them."""
    used, other = event_item.alias("used"), event_item.alias("other")
    onward = {"input": ("output",), "child": ("parent",), "parent": ("child",)}
    for part in _parts(sorted(lot_keys)):
        for role, into in onward.items():
            yield from connection.execute(
                select(other.c.lot_key)
                .join(used, used.c.event_hash == other.c.event_hash)
                .where(
                    used.c.lot_key.in_(part), used.c.role == role, other.c.role.in_(into), other.c.lot_key.is_not(None)
                )
                .distinct()
            ).scalars()


def _members_named(connection: Connection, body: str) -> set[int]:
    """The members whose GLN stands anywhere in the event: places, sources, destinations."""
    glns = set()
    for text in set(_PLACE_OR_PARTY.findall(body)):
        try:
            glns.add(parse_epc(text).gln)
        except BadInput:
            continue
    return set(connection.execute(select(location.c.member).where(location.c.gln.in_(glns - {None}))).scalars())


def _parts(keys: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
