"""The constitution in force, and who has a seat under it, as the rows tell."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from ledger.chain.roles import Role
from ledger.errors import NotFound
from ledger.store.queries.members import MemberRow, members
from ledger.store.schema import constitution

WHOLE_BPS = 10_000


@dataclass(frozen=True)
class ConstitutionRow:
    """Durations in seconds; as ledger.chain.constitution, and since which block."""

    quorum_bps: int
    delay_seconds: int
    voting_seconds: int
    execution_seconds: int
    emergency_seats: int
    emergency_max_seconds: int
    emergency_window_seconds: int
    block: int

    def needed(self, seats: int) -> int:
        """How many of so many seats decide: rounded up, and never none (Council.votes)."""
        return max(1, -(-seats * self.quorum_bps // WHOLE_BPS))

    def numbers(self) -> dict[str, int]:
        return {name: value for name, value in asdict(self).items() if name != "block"}


def constitution_in_force(connection: Connection) -> ConstitutionRow:
    """NotFound until the rows have reached the Council's first block."""
    last = select(constitution).order_by(constitution.c.block.desc(), constitution.c.log_index.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    if row is None:
        raise NotFound("The rows know of no constitution yet.", hint="See `suyuan index status`.")
    return ConstitutionRow(**{name: row._mapping[name] for name in ConstitutionRow.__dataclass_fields__})


def seats(connection: Connection) -> list[MemberRow]:
    """Active members with a seat, in the order in which they were admitted."""
    return [row for row in members(connection) if row.active and Role.COUNCIL in Role(row.roles)]
