"""This ledger's own index: its contracts, its handlers, its derived tables. The engine's first user."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import structlog
from sqlalchemy import Engine

from ledger.chain.artifact import CONTRACTS, abi
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.index.audit_history import Audit
from ledger.index.context import Context
from ledger.index.continuity import Cursor, load_cursor
from ledger.index.derive import never
from ledger.index.finding import require_no_finding
from ledger.index.handlers import HANDLERS, event_of
from ledger.index.heal import heal
from ledger.index.indexer import Indexer
from ledger.index.plan import BlockRow, Derived, Handler, Plan, Source
from ledger.index.raw_tables import RawTables
from ledger.index.rebuild import Progress, changed_part, rebuild
from ledger.index.receipts_check import ReceiptsCheck
from ledger.index.reorganise import Reorganiser
from ledger.index.resync import resync
from ledger.index.rows import Rows
from ledger.index.stored_events import StoredEvents
from ledger.store import schema
from ledger.store.database import read
from ledger.store.documents import Documents

WITHOUT_ROWS = frozenset({"EIP712DomainChanged"})
"""Events of OpenZeppelin's contracts that say nothing to us (ERC-5267; never emitted by a contract that stands)."""

BLOCK_COLUMNS = {
    schema.administration: "block",
    schema.block: "number",
    schema.campaign_return: "block",
    schema.constitution: "block",
    schema.debt: "block",
    schema.entry: "block",
    schema.feed: "block",
    schema.payout: "block",
}
"""Derived tables whose rows are made by one log and never changed by another."""

LOOK_AGAIN_SECONDS = 30.0

_log = structlog.get_logger("index")


def our_plan(deployment: Deployment, documents: Documents) -> Plan:
    """What this deployment's contracts say, as rows."""
    stored = StoredEvents(documents)
    return Plan(
        chain_id=deployment.chain_id,
        first_block=deployment.first_block,
        sources=tuple(
            Source(name, abi(name), deployment.all_of(name), without_rows=WITHOUT_ROWS) for name in CONTRACTS
        ),
        handlers=tuple(handler_of(module) for module in HANDLERS),
        derived=tuple(Derived(table, BLOCK_COLUMNS.get(table)) for table in schema.DERIVED),
        context=lambda block, log_index, tx_hash, at: Context(block, log_index, tx_hash, at, stored),
        on_block=_write_block,
    )


def our_indexer(
    engine: Engine,
    client: Client,
    deployment: Deployment,
    documents: Documents,
    stop: Callable[[], bool] = never,
    *,
    scratch: Path | None = None,
) -> Indexer:
    """With `scratch`, a folder, rows that other contracts or handlers have made are first made again there."""
    plan = our_plan(deployment, documents)

    def prepare() -> None:
        if scratch is not None:
            _bring_up_to_date(engine, client, plan, documents, scratch, stop)

    return _indexer(engine, client, plan, documents, stop, prepare)


def our_audit(engine: Engine, client: Client, deployment: Deployment, documents: Documents) -> Audit:
    """Of the rows that `our_indexer` writes."""
    return Audit(engine, client, RawTables(our_plan(deployment, documents)))


def our_rebuild(
    engine: Engine,
    client: Client,
    deployment: Deployment,
    documents: Documents,
    scratch: Path,
    stop: Callable[[], bool] = never,
    *,
    from_node: bool = False,
    progress: Progress | None = None,
) -> Cursor:
    """All derived rows again: from the raw rows, or, where those are not there or with `from_node`, from the node."""
    plan = our_plan(deployment, documents)
    tables = RawTables(plan)
    with read(engine) as connection:
        there = load_cursor(connection) is not None and tables.current(connection)
    if there and not from_node:
        return rebuild(engine, tables, scratch, progress=progress, stop=stop)
    return _fetch_again(engine, client, plan, documents, scratch, stop)


def _bring_up_to_date(
    engine: Engine, client: Client, plan: Plan, documents: Documents, scratch: Path, stop: Callable[[], bool]
) -> None:
    tables = RawTables(plan)
    with read(engine) as connection:
        if load_cursor(connection) is None:
            return
        current, part = tables.current(connection), changed_part(connection, tables)
    if not current:
        _log.info("fetching_again", reason="other contracts or addresses are followed than before")
        _fetch_again(engine, client, plan, documents, scratch, stop)
    elif part is not None:
        events = [event.columns.name for event in part.events]
        _log.info("rebuilding", reason="handlers have changed", events=events)
        rebuild(engine, tables, scratch, part=part, stop=stop)


def _fetch_again(
    engine: Engine, client: Client, plan: Plan, documents: Documents, scratch: Path, stop: Callable[[], bool]
) -> Cursor:
    def indexer(fresh: Engine) -> Indexer:
        return _indexer(fresh, client, plan, documents, stop)

    return resync(engine, client, indexer, scratch)


def _indexer(
    engine: Engine,
    client: Client,
    plan: Plan,
    documents: Documents,
    stop: Callable[[], bool],
    prepare: Callable[[], None] | None = None,
) -> Indexer:
    """With all that is checked, followed and mended."""
    tables = RawTables(plan)
    return Indexer(
        engine,
        client,
        tables,
        prepare=prepare,
        check=ReceiptsCheck(client),
        guard=require_no_finding,
        reorganise=Reorganiser(engine, client, tables, stop),
        mend=_Arrivals(engine, documents, tables),
        stop=stop,
    )


@cache
def handler_of(module: ModuleType) -> Handler:
    """A module of `ledger.index.handlers`: its `apply` and its `append`, of which it has one or both, and `touches`."""
    apply, append = getattr(module, "apply", None), getattr(module, "append", None)
    return Handler(event_of(module), apply, getattr(module, "touches", None), append)


def _write_block(rows: Rows, block: BlockRow) -> None:
    rows.insert_once(schema.block, {"number": block.number, "hash": block.hash, "timestamp": block.at})


class _Arrivals:
    """Looks for documents that arrived when a folder of the store changed since the last look, and now and then."""

    def __init__(self, engine: Engine, documents: Documents, tables: RawTables) -> None:
        self._engine = engine
        self._tables = tables
        self._documents = documents
        self._looked: tuple[float, dict[str, int]] = (0.0, {})  # when, and what was there

    def __call__(self) -> bool:
        last, there = self._looked
        now, here = time.monotonic(), _folders(self._documents.path)
        if here == there and now - last < LOOK_AGAIN_SECONDS:
            return False
        healed = heal(self._engine, self._documents, self._tables)
        self._looked = now, here
        if healed:
            _log.info("opened_sealed", count=healed)
        return healed > 0


def _folders(path: Path) -> dict[str, int]:
    """When a file was last added, by folder."""
    try:
        with os.scandir(path) as entries:
            return {entry.name: entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
    except FileNotFoundError:
        return {}
