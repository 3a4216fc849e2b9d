"""How the consortium governs itself, for the public page: all of it stands on the chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.roles import Role
from ledger.govern.constitution import ConstitutionRow, constitution_in_force
from ledger.govern.describe_act import describe_act
from ledger.govern.keys import KeyRow, keys_of
from ledger.govern.proposals import Proposal, proposals
from ledger.govern.stops import Stop, StopCall, running_stops, stop_calls
from ledger.govern.wanted_validators import WantedValidator, actual_validators, differences, wanted_validators
from ledger.store.queries.members import MemberRow, members
from ledger.store.schema import administration
from ledger.trace.words import Text

ACTS_A_PAGE = 50


@dataclass(frozen=True)
class MemberGoverned:
    """A member with its standing, its keys that hold now, and its wanted validator. `making`: whether that makes blocks;
    None where nobody knows."""

    row: MemberRow
    roles: tuple[str, ...]
    keys: tuple[KeyRow, ...]
    validator: str | None
    making: bool | None

    @property
    def seat(self) -> bool:
        return self.row.active and Role.COUNCIL in Role(self.row.roles)


@dataclass(frozen=True)
class ActLine:
    """An administrative act. `position`: block and log, by which the list goes on."""

    says: Text
    act: str
    at: int
    block: int
    tx_hash: str
    position: str


@dataclass(frozen=True)
class Governance:
    """`actual`: the validators that make blocks now, None where nobody knows. `older`: where the list of acts goes on."""

    constitution: ConstitutionRow
    members: tuple[MemberGoverned, ...]
    wanted: tuple[WantedValidator, ...]
    actual: tuple[str, ...] | None
    absent: tuple[str, ...]
    unwanted: tuple[str, ...]
    proposals: tuple[Proposal, ...]
    stops: tuple[Stop, ...]
    stop_calls: tuple[StopCall, ...]
    acts: tuple[ActLine, ...]
    older: str | None

    @property
    def seats(self) -> int:
        return sum(one.seat for one in self.members)

    @property
    def needed(self) -> int:
        return self.constitution.needed(self.seats)


def governance(
    connection: Connection, client: Client, deployment: Deployment, now: int, before: tuple[int, int] | None
) -> Governance:
    """As it stands at `now` (Unix seconds); acts before a position, the newest first. NotFound before the founding."""
    wanted = tuple(wanted_validators(connection))
    actual = actual_validators(client)
    absent, unwanted = differences([one.validator for one in wanted], actual)
    rows = members(connection)
    acts, older = acts_before(connection, deployment, rows, before)
    return Governance(
        constitution=constitution_in_force(connection),
        members=tuple(_governed(connection, row, wanted, actual, now) for row in rows),
        wanted=wanted,
        actual=actual,
        absent=absent,
        unwanted=unwanted,
        proposals=tuple(one for one in proposals(connection, deployment, now) if one.open),
        stops=tuple(running_stops(connection, deployment, now)),
        stop_calls=tuple(stop_calls(connection, deployment, now)),
        acts=tuple(acts),
        older=older,
    )


def acts_before(
    connection: Connection, deployment: Deployment, rows: Sequence[MemberRow], before: tuple[int, int] | None
) -> tuple[list[ActLine], str | None]:
    """A page of acts, and the position behind which the next begins; None on the last."""
    names = {row.member: row.name for row in rows}
    place = tuple_(administration.c.block, administration.c.log_index)
    query = select(administration).order_by(administration.c.block.desc(), administration.c.log_index.desc())
    if before is not None:
        query = query.where(place < before)
    found = connection.execute(query.limit(ACTS_A_PAGE + 1)).all()
    lines = [
        ActLine(
            says=describe_act(deployment, row.act, json.loads(row.data) | _member(row.member), names),
            act=row.act,
            at=row.at,
            block=row.block,
            tx_hash=row.tx_hash,
            position=f"{row.block}-{row.log_index}",
        )
        for row in found[:ACTS_A_PAGE]
    ]
    return lines, lines[-1].position if len(found) > ACTS_A_PAGE else None


def _member(number: int | None) -> dict[str, int]:
    return {} if number is None else {"member": number}


def _governed(
    connection: Connection,
    row: MemberRow,
    wanted: Sequence[WantedValidator],
    actual: Sequence[str] | None,
    now: int,
) -> MemberGoverned:
    validator = next((one.validator for one in wanted if one.member == row.member), None)
    return MemberGoverned(
        row=row,
        roles=tuple(role.name for role in Role if role in Role(row.roles) and role.name),
        keys=tuple(key for key in keys_of(connection, row.member) if key.holds(now)),
        validator=validator,
        making=None if actual is None or validator is None else validator in actual,
    )
