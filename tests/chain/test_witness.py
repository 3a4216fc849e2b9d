"""What a real node says of evidence: statements, item codes and recalls, read past the index."""

from __future__ import annotations

import time

import pytest
from chain_world import World
from sqlalchemy import Engine

from ledger.chain.outbox import Intent, OutboxRow, queue, rows_by_id
from ledger.chain.witness import Witness
from ledger.store.database import write

GTIN, LOT = "00860009999923", "WITNESS-1"
ROOT, MANIFEST = "ab" * 32, "cd" * 32


def done(
    world: World, engine: Engine, key: str, contract: str, function: str, args: tuple[object, ...], scope: str
) -> OutboxRow:
    """An act of the farm's, on the chain and final."""
    intent = Intent(key, world.accounts["farm"], contract, function, args, world.session("farm", scope))
    with write(engine) as connection:
        ids = [queue(connection, world.deployment, intent, int(time.time())).id]
    sender, deadline = world.sender(engine), time.monotonic() + 30
    while True:
        with engine.connect() as connection:
            (row,) = rows_by_id(connection, ids)
        if row.state in ("final", "reverted"):
            assert row.state == "final", row.error
            return row
        assert time.monotonic() < deadline, row
        if not sender.step():
            time.sleep(0.02)


@pytest.fixture
def witness(world: World) -> Witness:
    return Witness(world.client, world.deployment)


def test_what_nobody_said_is_not_on_the_chain(witness: Witness) -> None:
    assert witness.recorded_at(1, "00" * 32) == 0
    assert witness.items_committed("00" * 32, 1) is None
    assert not witness.is_recalled(GTIN, "NOBODY")


def test_a_statement_is_the_members_own(world: World, engine: Engine, witness: Witness) -> None:
    commitment = "5a" * 32
    row = done(world, engine, "record:witness", "Statements", "record", ([commitment],), "capture")
    assert row.block is not None
    assert witness.recorded_at(world.members["farm"], commitment) == world.client.block(row.block).timestamp
    assert witness.recorded_at(world.members["merchant"], commitment) == 0


def test_codes_and_a_recall_of_an_owned_product(world: World, engine: Engine, witness: Witness) -> None:
    world.consortium_calls("assignProduct", [int(GTIN), world.members["farm"], "Lettuce"])
    args = (int(GTIN), LOT, ROOT, 3, MANIFEST)
    row = done(world, engine, "items:witness", "ItemCodes", "commitItems", args, "codes")
    assert row.block is not None
    log = witness.items_committed(ROOT, row.block)
    assert log is not None
    assert (log.root, log.gtin, log.lot, log.member, log.count, log.manifest, log.block) == (
        ROOT, GTIN, LOT, world.members["farm"], 3, MANIFEST, row.block,
    )  # fmt: skip
    assert witness.items_committed(ROOT, row.block - 1) is None

    done(world, engine, "recall:witness", "Recalls", "openRecall", (int(GTIN), LOT, "Glass found"), "recall")
    assert witness.is_recalled(GTIN, LOT)
    assert not witness.is_recalled(GTIN, "ANOTHER")
