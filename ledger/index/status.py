"""Where the index stands against its chain."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from ledger.chain.client import Client
from ledger.errors import SuyuanError
from ledger.index.continuity import VERIFIED, load_cursor
from ledger.index.counts import Counts, load_counts
from ledger.index.last_error import LastError, load_error
from ledger.store.database import read
from ledger.store.schema import DERIVED, reorganisation, statement


@dataclass(frozen=True, slots=True)
class Reorganised:
    """Blocks `ancestor` + 1 to `head` were replaced, and so were their rows, at `at` (Unix seconds)."""

    ancestor: int
    head: int
    at: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`height`: the chain's last final block, None when the node does not answer (`node_error` says why).

    `next_block`: the first block not read yet, None before the first. `lag`: blocks to go, None without a node.
    `verified`: the last block up to which each receipts root was recomputed, None before the first. `reorganised`: the
    last time that blocks were replaced. `sealed`: statements whose documents this home does not hold. `rows`: their
    number by table.
    """

    chain_id: int | None
    height: int | None
    next_block: int | None
    block_hash: str | None
    lag: int | None
    verified: int | None
    counts: Counts
    reorganised: Reorganised | None
    sealed: int
    last_error: LastError | None
    node_error: str | None
    rows: dict[str, int]

    @property
    def ok(self) -> bool:
        """The line runs: the node answers and nothing holds it up."""
        return self.last_error is None and self.node_error is None


def status(engine: Engine, client: Client) -> IndexStatus:
    """Reads it; touches nothing. Unavailable when the database does not answer."""
    with read(engine) as connection:
        at, last_error, verified = load_cursor(connection), load_error(connection), load_cursor(connection, VERIFIED)
        counts, reorganised = load_counts(connection), _last_reorganised(connection)
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
        verified=verified.next_block - 1 if verified else None,
        counts=counts,
        reorganised=reorganised,
        sealed=sealed,
        last_error=last_error,
        node_error=node_error,
        rows=rows,
    )


def _last_reorganised(connection: Connection) -> Reorganised | None:
    row = connection.execute(select(reorganisation).order_by(reorganisation.c.id.desc()).limit(1)).first()
    return Reorganised(row.ancestor, row.head, row.at) if row else None
