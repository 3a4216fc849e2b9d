"""Where the index stands against its chain."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from ledger.chain.client import Client
from ledger.errors import SuyuanError
from ledger.index.audit_history import Verified, load_verified
from ledger.index.continuity import load_cursor
from ledger.index.counts import Counts, load_counts
from ledger.index.last_error import LastError, load_error
from ledger.index.reorganise import Reorganised, load_reorganised
from ledger.store.database import read
from ledger.store.schema import DERIVED, statement


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`height`: the chain's last final block, None when the node does not answer (`node_error` says why).

    `next_block`: the first block not read yet, None before the first. `lag`: blocks to go, None without a node.
    `sealed`: statements whose documents this home does not hold. `rows`: their number by table. `verified`: how far the
    blocks were proven. `reorganised`: the last time that the chain replaced blocks, None when it never did. `counts`:
    what was done so far, and how fast.
    """

    chain_id: int | None
    height: int | None
    next_block: int | None
    block_hash: str | None
    lag: int | None
    sealed: int
    last_error: LastError | None
    node_error: str | None
    rows: dict[str, int]
    verified: Verified
    reorganised: Reorganised | None
    counts: Counts

    @property
    def ok(self) -> bool:
        """The line runs: the node answers and nothing holds it up."""
        return self.last_error is None and self.node_error is None and self.verified.finding is None


def status(engine: Engine, client: Client) -> IndexStatus:
    """Reads it; touches nothing. Unavailable when the database does not answer."""
    with read(engine) as connection:
        at, last_error = load_cursor(connection), load_error(connection)
        counts = load_counts(connection)
        verified, reorganised = load_verified(connection), load_reorganised(connection)
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in DERIVED
        }
        sealed = connection.execute(
            select(func.count()).select_from(statement).where(statement.c.event_hash.is_(None))
        ).scalar_one()
    chain_id = height = node_error = None
    try:
        chain_id, height = client.chain_id(), client.final_block()
    except SuyuanError as error:
        node_error = str(error)
    return IndexStatus(
        chain_id=chain_id,
        height=height,
        next_block=at.next_block if at else None,
        block_hash=at.block_hash if at else None,
        lag=max(height + 1 - (at.next_block if at else 0), 0) if height is not None else None,
        sealed=sealed,
        last_error=last_error,
        node_error=node_error,
        rows=rows,
        verified=verified,
        reorganised=reorganised,
        counts=counts,
    )
