"""An order under tiers and a nested rule: its rows are those of any order, and explain says how its rule came to its legs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from index_world import NUMBERS, Chain
from sqlalchemy import Engine, select
from tiers_story import AGENCY, AMOUNT_FEN, RESOLVED, TIERED, TIERED_LINES

from ledger.index.ours import our_indexer
from ledger.settle.explain_order import explain_order
from ledger.settle.months import month_at
from ledger.settle.pinned_terms import terms_at, volume_fen
from ledger.settle.rule_rows import legs_of
from ledger.settle.split import allocate
from ledger.settle.split_sql import allocated
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.schema import block, order, payout, rule_variant

PINNED = 1 + (1 << 16)


@pytest.fixture(scope="module")
def indexed(told: tuple[Chain, Path], empty_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Only read here, so made once."""
    chain, documents = told
    file = shutil.copy(empty_tables, tmp_path_factory.mktemp("tiers") / "ledger.sqlite")
    engine = open_engine(f"sqlite:///{file}")
    our_indexer(engine, chain.client, chain.deployment, Documents(documents)).sync()
    return engine


def test_the_order_pins_the_variant_whose_legs_are_the_contracts(indexed: Engine) -> None:
    with read(indexed) as connection:
        paid = connection.execute(select(order).where(order.c.number == "T-1")).one()
        variant = connection.execute(select(rule_variant)).one()
        assert (paid.rule, paid.version) == (variant.rule, variant.pinned) == (TIERED, PINNED)
        assert paid.legs_hash == variant.legs_hash
        assert legs_of(connection, TIERED, PINNED) == RESOLVED
        assert legs_of(connection, TIERED, 1) == tuple(TIERED_LINES)


def test_what_was_paid_out_is_what_python_and_sql_split(indexed: Engine) -> None:
    parts = allocate(AMOUNT_FEN, RESOLVED)
    with read(indexed) as connection:
        paid = connection.execute(select(order).where(order.c.number == "T-1")).one()
        rows = connection.execute(select(payout).where(payout.c.order_id == paid.order_id)).all()
        one = select(order).where(order.c.number == "T-1").subquery("orders")
        in_sql = {row.leg: row.amount_fen for row in connection.execute(allocated(one))}
    assert {row.leg: row.amount_fen for row in rows} == {leg: fen for leg, fen in enumerate(parts) if fen}
    assert in_sql == dict(enumerate(parts))


def test_explain_tells_the_tier_the_volume_and_the_nested_version(indexed: Engine) -> None:
    with read(indexed) as connection:
        told = explain_order(connection, NUMBERS["merchant"], "T-1")
    assert (told.version, told.pinned) == (1, True)
    assert [leg.amount_fen for leg in told.legs] == list(allocate(AMOUNT_FEN - 1, RESOLVED))
    assert all(leg.agrees for leg in told.legs)
    assert "divided by a nested rule" in told.legs[0].operation
    tier, nested = told.terms
    assert tier.startswith("Creator is paid by the share itself, below a volume of 1,000,000 fen; the volume in 20")
    assert tier.endswith(" was 0 fen")
    assert nested == f"Creator's part is divided by rule {AGENCY} version 1"


def test_the_volume_of_the_month_decides_the_next_as_in_the_contract(indexed: Engine, chain: Chain) -> None:
    creator = NUMBERS["creator"]
    with read(indexed) as connection:
        at = connection.execute(select(order.c.paid_at).where(order.c.number == "T-1")).scalar_one()
        assert volume_fen(connection, creator, month_at(at)) == AMOUNT_FEN  # the refund does not change it
        assert chain.client.call(chain.deployment, "Tiers", "volumeFen", creator, month_at(at)) == AMOUNT_FEN
        newest = connection.scalar(select(block.c.timestamp).order_by(block.c.number.desc()).limit(1))
        assert terms_at(connection, TIERED, 1, newest or 0).legs == RESOLVED
