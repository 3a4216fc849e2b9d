"""The rows of a batch's orders are those of any order, and say what the contract holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from batch_story import FALSE, NAMED, UNNAMED, UNPAID, Batch, false_terms
from index_world import NUMBERS, RULE, Chain
from sqlalchemy import Engine, select

from ledger.errors import BrokenEvidence
from ledger.index.context import Context
from ledger.index.digest import digest
from ledger.index.events import BatchPaid, BatchSettled
from ledger.index.handlers import apply
from ledger.index.heal import heal
from ledger.index.ours import our_indexer, our_plan
from ledger.index.raw_tables import RawTables
from ledger.index.rows import Rows
from ledger.index.stored_events import StoredEvents
from ledger.notify.feed import BEGINNING, page_after
from ledger.settle.batch_id import batch_of, position_id
from ledger.settle.batch_manifest import write_batch_manifest
from ledger.settle.packed_amounts import marks_of
from ledger.settle.split import allocate
from ledger.store.database import open_engine, read, write
from ledger.store.documents import Documents
from ledger.store.schema import batch, entry, order, payout, refund


@pytest.fixture(scope="module")
def indexed(told: tuple[Chain, Path], empty_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Only read here, so made once."""
    chain, documents = told
    file = shutil.copy(empty_tables, tmp_path_factory.mktemp("batches") / "ledger.sqlite")
    engine = open_engine(f"sqlite:///{file}")
    our_indexer(engine, chain.client, chain.deployment, Documents(documents)).sync()
    return engine


def orders_of(engine: Engine, of: Batch) -> dict[int, Mapping[str, Any]]:
    ids = [position_id(of.id, position) for position in range(of.count)]
    with read(engine) as connection:
        rows = connection.execute(select(order).where(order.c.order_id.in_(ids)).order_by(order.c.position)).mappings()
        return {row["position"]: dict(row) for row in rows}


def batch_row(engine: Engine, batch_id: str) -> Mapping[str, Any]:
    with read(engine) as connection:
        return dict(connection.execute(select(batch).where(batch.c.batch_id == batch_id)).mappings().one())


def a_context(documents: Documents) -> Context:
    return Context(10**6, 0, "0x" + "00" * 32, 1, StoredEvents(documents))


def test_amounts_other_than_those_placed_are_broken_evidence(indexed: Engine, documents: Documents) -> None:
    event = BatchPaid(UNPAID.on_chain, 1, 1, bytes(32), "x", UNPAID.packed[:-1] + b"\x09")
    with read(indexed) as connection, pytest.raises(BrokenEvidence, match="not those of 3 orders of 6 fen"):
        apply(Rows(connection), event, a_context(documents))


def test_totals_other_than_the_rule_gives_are_broken_evidence(indexed: Engine, documents: Documents) -> None:
    parts = [fen + 1 for fen in allocate(UNNAMED.manifest.amounts_fen[1], RULE)]
    event = BatchSettled(UNNAMED.on_chain, NUMBERS["carrier"], bytes(32), marks_of([1], 3), tuple(parts))
    with read(indexed) as connection, pytest.raises(BrokenEvidence, match="the log says"):
        apply(Rows(connection), event, a_context(documents))


def test_batch_that_no_log_placed_is_broken_evidence(indexed: Engine, documents: Documents) -> None:
    with read(indexed) as connection, pytest.raises(BrokenEvidence, match="which no log before it made"):
        apply(Rows(connection), BatchPaid(FALSE.on_chain, 1, 1, bytes(32), "x", FALSE.packed), a_context(documents))


def test_placed_batch_has_no_order_rows_yet(indexed: Engine) -> None:
    row = batch_row(indexed, UNPAID.id)
    assert (row["state"], row["named"], row["count"], row["total_fen"]) == ("placed", True, 3, 6)
    assert orders_of(indexed, UNPAID) == {}


def test_paid_batch_has_all_its_orders_with_their_numbers(indexed: Engine) -> None:
    rows = orders_of(indexed, NAMED)
    assert [rows[position]["number"] for position in range(40)] == list(NAMED.manifest.numbers)
    assert [rows[position]["amount_fen"] for position in range(40)] == list(NAMED.manifest.amounts_fen)
    assert {(row["merchant"], row["rule"], row["version"], row["carrier"]) for row in rows.values()} == {(4, 1, 1, 3)}


def test_orders_without_their_manifest_go_by_batch_and_position(indexed: Engine) -> None:
    assert not batch_row(indexed, UNNAMED.id)["named"]
    numbers = [row["number"] for row in orders_of(indexed, UNNAMED).values()]
    assert numbers == [f"{UNNAMED.id[2:10]}/{position}" for position in range(3)]


def test_manifest_of_other_orders_is_a_fault_and_names_nothing(indexed: Engine) -> None:
    false = false_terms(UNPAID.terms.manifest)
    row = batch_row(indexed, false.id)
    assert (row["named"], row["fault"]) == (False, "The manifest lists 3 orders, not 2.")
    assert [row["number"] for row in orders_of(indexed, false).values()] == [f"{false.id[2:10]}/{at}" for at in (0, 1)]


def test_orders_are_settled_refunded_or_alone_as_the_contract_has_them(indexed: Engine, chain: Chain) -> None:
    settled, closed = chain.client.call(chain.deployment, "Escrow", "marksOf", NAMED.on_chain, 0)
    for position, row in orders_of(indexed, NAMED).items():
        bit = 1 << position
        alone = row["batch_id"] is None
        was_settled = row["settled_block"] is not None and not (alone and position == 37)  # settled since, alone
        assert (bool(settled & bit), bool(closed & bit)) == (was_settled, row["state"] == "refunded" or alone), position
        assert batch_of(row["order_id"]) == NAMED.id
        if alone:
            state = chain.client.call(chain.deployment, "Escrow", "stateOf", row["order_id"])
            assert ("none", "placed", "paid", "delivered", "settled")[state] == row["state"]


def test_orders_that_were_taken_out_go_on_alone(indexed: Engine) -> None:
    rows = orders_of(indexed, NAMED)
    alone = {position: row["state"] for position, row in rows.items() if row["batch_id"] is None}
    assert alone == {3: "settled", 37: "settled", 38: "paid"}
    assert rows[3]["refunded_fen"] == 4_000


def test_payouts_are_of_each_order(indexed: Engine) -> None:
    with read(indexed) as connection:
        for position in (0, 2, 34, 35, 37):
            query = select(payout.c.amount_fen).where(payout.c.order_id == position_id(NAMED.id, position))
            paid = tuple(connection.execute(query.order_by(payout.c.leg)).scalars())
            assert paid == allocate(NAMED.manifest.amounts_fen[position], RULE)


def test_each_payee_is_credited_once_for_all_orders_of_a_log(indexed: Engine) -> None:
    with read(indexed) as connection:
        query = select(entry).where(entry.c.order_id == UNNAMED.id, entry.c.kind == "credited")
        rows = connection.execute(query.order_by(entry.c.ordinal)).all()
    first, last = (allocate(UNNAMED.manifest.amounts_fen[position], RULE) for position in (0, 2))
    totals = [one + other for one, other in zip(first, last, strict=True)]
    assert [(row.account, row.member, row.amount_fen) for row in rows] == [
        ("escrow", None, -5_101),
        *(("available", leg.payee, fen) for leg, fen in zip(RULE, totals, strict=True)),
    ]
    assert {row.note for row in rows} == {f"batch {UNNAMED.id[2:10]}, 2 orders"}


def test_refunds_say_whether_their_orders_were_settled(indexed: Engine) -> None:
    with read(indexed) as connection:
        ids = [position_id(NAMED.id, position) for position in (1, 2, 36)]
        rows = connection.execute(select(refund).where(refund.c.order_id.in_(ids)).order_by(refund.c.order_id)).all()
    assert [(row.number, row.settled, row.amount_fen) for row in rows] == [
        (1, True, 10_100),
        (1, True, 10_200),
        (1, False, 13_600),
    ]


def test_parties_hear_of_a_batch_and_others_do_not(indexed: Engine) -> None:
    rows = [row for row in page_after(indexed, BEGINNING, 10_000).rows if row.kind.startswith("batch_")]
    about = [row for row in rows if json.loads(row.data)["batch"] == NAMED.id]
    kinds = [row.kind for row in about]
    assert kinds == ["batch_placed", "batch_paid", "batch_settled", "batch_refunded", "batch_settled"]
    parties = [frozenset(NUMBERS[name] for name in ("merchant", "carrier"))] * 2
    payees = [parties[0] | {NUMBERS["creator"], NUMBERS["platform"]}] * 3
    assert [row.parties for row in about] == [*parties, *payees]


def test_manifest_that_arrives_names_the_orders_as_a_rebuild_does(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Callable[[], str]
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    documents.put(write_batch_manifest(UNNAMED.manifest))
    assert heal(engine, documents, RawTables(our_plan(chain.deployment, documents))) == 1
    assert [row["number"] for row in orders_of(engine, UNNAMED).values()] == list(UNNAMED.manifest.numbers)
    with read(engine) as connection:
        assert digest(connection) == fresh_digest()


def test_log_told_again_changes_nothing(engine: Engine, chain: Chain, documents: Documents) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        before = digest(connection)
    with write(engine) as connection:
        rows = Rows(connection)
        totals = [0, 0, 0]
        for position in (0, 2):
            parts = allocate(UNNAMED.manifest.amounts_fen[position], RULE)
            totals = [one + other for one, other in zip(totals, parts, strict=True)]
        told = select(entry).where(entry.c.order_id == UNNAMED.id, entry.c.kind == "credited").limit(1)
        at = connection.execute(told).one()
        context = Context(at.block, at.log_index, at.tx_hash, at.at, StoredEvents(documents))
        evidence = bytes(31) + b"\x05"
        event = BatchSettled(UNNAMED.on_chain, NUMBERS["carrier"], evidence, marks_of([0, 2], 3), tuple(totals))
        apply(rows, event, context)
        rows.flush()
        assert digest(connection) == before


def test_rows_that_are_too_many_to_hold_are_written_between_logs(
    engine: Engine, chain: Chain, documents: Documents, fresh_digest: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = fresh_digest()
    monkeypatch.setattr("ledger.index.rows.MOST_HELD", 20)
    monkeypatch.setattr("ledger.index.derive.KEYS_AT_ONCE", 30)
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        assert digest(connection) == wanted
