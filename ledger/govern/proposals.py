"""Proposals as they stand at a moment: what each would do, who has said what, what is missing, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from ledger.chain.contracts import DecodedCall, Deployment
from ledger.errors import NotFound
from ledger.govern.constitution import ConstitutionRow, constitution_in_force, seats
from ledger.govern.describe_call import describe_data
from ledger.store.queries.members import MemberRow, members
from ledger.store.schema import proposal, proposal_vote
from ledger.trace.words import Text

State = Literal["voting", "delayed", "executable", "executed", "withdrawn", "lapsed"]
OPEN: tuple[State, ...] = ("voting", "delayed", "executable")


@dataclass(frozen=True)
class Proposal:
    """`says`: what it would do. `yes`, `no`, `silent`: the seats of now; `needed`: how many yes decide now. Times are Unix
    seconds; `executable_from` and `expires` only while it has passed. `call`: None for what is no function of ours."""

    number: int
    proposer: MemberRow
    target: str
    data: str
    call: DecodedCall | None
    says: Text
    reason: str
    state: State
    yes: tuple[MemberRow, ...]
    no: tuple[MemberRow, ...]
    silent: tuple[MemberRow, ...]
    needed: int
    voting_ends: int
    executable_from: int | None
    expires: int | None
    at: int
    block: int

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def missing(self) -> int:
        """How many more yes it needs now."""
        return max(0, self.needed - len(self.yes))


def proposals(connection: Connection, deployment: Deployment, now: int) -> list[Proposal]:
    """All, the newest first. `now` in Unix seconds."""
    rows = connection.execute(select(proposal).order_by(proposal.c.proposal.desc())).all()
    reader = _Reader(connection, deployment, now) if rows else None
    return [reader.told(row) for row in rows] if reader else []


def proposal_numbered(connection: Connection, deployment: Deployment, number: int, now: int) -> Proposal:
    """NotFound when there is no such proposal."""
    row = connection.execute(select(proposal).where(proposal.c.proposal == number)).one_or_none()
    if row is None:
        raise NotFound(f"There is no proposal {number}.", hint="See `suyuan council list`.")
    return _Reader(connection, deployment, now).told(row)


class _Reader:
    """What all proposals are read against: the members, the seats and the constitution of now."""

    def __init__(self, connection: Connection, deployment: Deployment, now: int) -> None:
        self._deployment = deployment
        self._now = now
        self._members = {row.member: row for row in members(connection)}
        self._names = {number: row.name for number, row in self._members.items()}
        self._seats = seats(connection)
        self._constitution: ConstitutionRow = constitution_in_force(connection)
        self._votes: dict[int, dict[int, bool]] = {}
        for vote in connection.execute(select(proposal_vote)):
            self._votes.setdefault(vote.proposal, {})[vote.member] = vote.yes

    def told(self, row: Row[Any]) -> Proposal:
        said = self._votes.get(row.proposal, {})
        data = bytes.fromhex(row.data.removeprefix("0x"))
        says, call = describe_data(self._deployment, row.target, data, self._names)
        by_vote: dict[bool | None, list[MemberRow]] = {True: [], False: [], None: []}
        for seat in self._seats:
            by_vote[said.get(seat.member)].append(seat)
        return Proposal(
            number=row.proposal,
            proposer=self._members[row.member],
            target=row.target,
            data=row.data,
            call=call,
            says=says,
            reason=row.reason,
            state=self._state(row),
            yes=tuple(by_vote[True]),
            no=tuple(by_vote[False]),
            silent=tuple(by_vote[None]),
            needed=self._constitution.needed(len(self._seats)),
            voting_ends=row.voting_ends,
            executable_from=row.executable_from,
            expires=row.expires,
            at=row.at,
            block=row.block,
        )

    def _state(self, row: Row[Any]) -> State:
        """As Council.get: what the clock alone changes is told from `now`."""
        if row.state == "voting":
            return "voting" if self._now <= row.voting_ends else "lapsed"
        if row.state == "passed":
            if self._now > row.expires:
                return "lapsed"
            return "executable" if self._now >= row.executable_from else "delayed"
        return "executed" if row.state == "executed" else "withdrawn"
