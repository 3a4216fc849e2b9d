"""Campaigns in the rows: prices as Python reckons them, budgets, who got what back; the supply equation with budgets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from campaigns_story import CREATOR, LIST_FEN, PLATFORM, REFUNDED_FEN, the_terms
from index_world import Chain
from sqlalchemy import Engine, func, select

from ledger.index.ours import our_indexer
from ledger.settle.campaign_rows import budget_of, terms_of
from ledger.settle.price import reckon, shopper_back_fen
from ledger.store.database import open_engine, read
from ledger.store.documents import Documents
from ledger.store.schema import campaign, entry, order, promotion, promotion_part, refund


@pytest.fixture(scope="module")
def indexed(told: tuple[Chain, Path], empty_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Only read here, so made once."""
    chain, documents = told
    file = shutil.copy(empty_tables, tmp_path_factory.mktemp("campaigns") / "ledger.sqlite")
    engine = open_engine(f"sqlite:///{file}")
    our_indexer(engine, chain.client, chain.deployment, Documents(documents)).sync()
    return engine


def test_the_price_is_what_python_reckons_from_the_pinned_terms(indexed: Engine) -> None:
    with read(indexed) as connection:
        rows = connection.execute(select(campaign).order_by(campaign.c.campaign)).all()
        terms = [terms_of(row) for row in rows]
        assert terms == list(the_terms(rows[0].starts, rows[0].ends))
        placed = connection.execute(select(order).where(order.c.number == "P-1")).one()
        promoted = connection.execute(select(promotion).where(promotion.c.order_id == placed.order_id)).one()
        parts = connection.execute(
            select(promotion_part).where(promotion_part.c.order_id == placed.order_id).order_by(promotion_part.c.place)
        ).all()
    price = reckon(LIST_FEN, terms)
    assert (promoted.amount_fen, promoted.shopper_fen) == (price.amount_fen, price.shopper_fen)
    assert placed.amount_fen == price.amount_fen
    for part, discount in zip(parts, price.discounts, strict=True):
        told = (part.price_fen, part.off_fen, part.sponsor_fen, part.reserved_fen)
        assert told == (discount.price_fen, discount.off_fen, discount.sponsor_fen, discount.commission_fen)


def test_a_refund_is_the_shoppers_and_the_sponsors(indexed: Engine) -> None:
    with read(indexed) as connection:
        promoted = connection.execute(select(promotion).where(promotion.c.state == "paid")).one()
        back = connection.execute(
            select(refund.c.shopper_fen).where(refund.c.order_id == promoted.order_id)
        ).scalar_one()
        sponsors = connection.execute(
            select(func.sum(promotion_part.c.back_fen)).where(promotion_part.c.order_id == promoted.order_id)
        ).scalar_one()
    assert back == shopper_back_fen(REFUNDED_FEN, promoted.shopper_fen, promoted.amount_fen)
    assert back + sponsors == REFUNDED_FEN
    assert promoted.settled_up_fen == REFUNDED_FEN


def test_budgets_are_what_the_contract_says(indexed: Engine, chain: Chain) -> None:
    with read(indexed) as connection:
        budgets = [budget_of(connection, number) for number in (1, 2, 3)]
        kept = connection.execute(select(func.sum(entry.c.amount_fen)).where(entry.c.account == "budget")).scalar_one()
        zero = connection.execute(select(func.sum(entry.c.amount_fen))).scalar_one()
    for number, budget in enumerate(budgets, start=1):
        said = chain.client.call(chain.deployment, "Campaigns", "budgetOf", number)
        told = (PLATFORM, budget.budget_fen, budget.spent_fen, budget.reserved_fen, budget.returned_fen)
        assert tuple(said) == told
    assert kept == sum(budget.budget_fen - budget.spent_fen - budget.returned_fen for budget in budgets)
    assert budgets[0].free_fen == 0
    assert zero == 0


def test_what_members_have_is_what_the_contract_says(indexed: Engine, chain: Chain) -> None:
    with read(indexed) as connection:
        for member in (PLATFORM, CREATOR):
            mine = (entry.c.account == "available") & (entry.c.member == member)
            fen = connection.execute(select(func.sum(entry.c.amount_fen)).where(mine)).scalar_one()
            assert fen == chain.client.call(chain.deployment, "Credit", "availableFen", member)
