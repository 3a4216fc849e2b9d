"""Promoted orders from the sponsor's budget to everybody's statement: paid, refunded, settled up, lapsed and closed; repeats
change nothing; a rebuild of the index gives the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from two_rails_world import NUMBERS, Market, a_market, now

from ledger.chain.outbox import Intent, queue
from ledger.config import AccountRule
from ledger.errors import BadInput, Conflict
from ledger.index.digest import digest
from ledger.index.ours import our_indexer
from ledger.settle.acting import Acting, member_named
from ledger.settle.balances import balances_of
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank
from ledger.settle.bank_accounts import account_to_name, keep_account
from ledger.settle.book_reconciled import book_reconciled
from ledger.settle.campaign_rows import Budget, budget_of, shopper_parts
from ledger.settle.close_campaign import close_campaign
from ledger.settle.confirm_payments import BuyersPayment, confirm_payments
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.explain_order import explain_order
from ledger.settle.keep_campaigns import keep_campaigns
from ledger.settle.open_campaign import open_campaign
from ledger.settle.order_line import OrderLine
from ledger.settle.party_statement import day_of, party_statement
from ledger.settle.pay_out import expected_payments, pay_out
from ledger.settle.payers import register_payer
from ledger.settle.place_orders import place_orders
from ledger.settle.price import CampaignKind, CampaignTerms, reckon, shopper_back_fen
from ledger.settle.reconcile import reconcile
from ledger.settle.refund import RefundLine, refund_orders
from ledger.store.database import open_engine, read, write
from ledger.store.migrate import ensure_schema
from ledger.store.schema import order, outbox, refund

MERCHANT, PLATFORM, CREATOR = NUMBERS["merchant"], NUMBERS["platform"], NUMBERS["creator"]
LIST_FEN = 45_000
STACK = (1, 2, 3)
COUPON, THRESHOLD, COMMISSION, SHORT = 1, 2, 3, 4


@dataclass
class Told:
    market: Market
    terms: dict[int, CampaignTerms]
    creator_before: int


def line(number: str, campaigns: tuple[int, ...] = STACK, **more: Any) -> OrderLine:
    return OrderLine(number, LIST_FEN, 1, "carrier", f"orders.csv:{number}", campaigns, **more)


def place(market: Market, *lines: OrderLine) -> Any:
    return market.do("merchant", lambda c, who: place_orders(c, market.chain.deployment, who, lines, now=now()))


def pay(market: Market, *numbers: str) -> Any:
    with read(market.engine) as connection:
        rows = connection.execute(select(order).where(order.c.number.in_(numbers))).all()
        due = shopper_parts(connection, [row.order_id for row in rows])
    payments = [
        BuyersPayment(MERCHANT, row.number, due.get(row.order_id, row.amount_fen), f"B-{row.number}") for row in rows
    ]
    return market.do("bank", lambda c, who: confirm_payments(c, market.chain.deployment, who, payments, now=now()))


def deliver(market: Market, *numbers: str) -> None:
    point = Checkpoint(tuple((MERCHANT, number) for number in numbers), "2026-04-20T09:30:00+08:00", "the door")
    deployment, documents = market.chain.deployment, market.documents
    market.do("carrier", lambda c, who: deliver_checkpoint(c, deployment, documents, who, point, now=now()))


def refund_some(market: Market, number: str, fen: int | None, reference: str) -> None:
    lines = [RefundLine(number, fen, "叶子黄了")]
    deployment = market.chain.deployment
    market.do("merchant", lambda c, who: refund_orders(c, deployment, who, lines, reference, now=now()))


@dataclass
class Queued:
    outbox_ids: tuple[int, ...]


def give(market: Market, fen: int) -> None:
    """From the merchant to the platform."""
    args, deployment = (PLATFORM, fen, "marketing"), market.chain.deployment
    market.do(
        "merchant",
        lambda c, who: queue(c, deployment, Intent("give", who.account, "Credit", "transfer", args), now()),
    )


def keep(market: Market) -> int:
    """How many acts there were."""
    deployment = market.chain.deployment
    done = market.do("creator", lambda c, who: Queued(tuple(keep_campaigns(c, deployment, who, now=now()))))
    return len(done.outbox_ids)


def sponsor(market: Market, name: str, terms: CampaignTerms) -> Any:
    deployment = market.chain.deployment
    return market.do("platform", lambda c, who: open_campaign(c, deployment, who, name, terms, [], now=now()))


def available(market: Market, member: int) -> int:
    with read(market.engine) as connection:
        return balances_of(connection, member).available_fen


def budget(market: Market, number: int) -> Budget:
    with read(market.engine) as connection:
        return budget_of(connection, number)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """P-1 refunded in part before and after it is settled, P-2 refunded whole, P-3 settled, P-4 placed alone."""
    with a_market(tmp_path_factory.mktemp("campaigns") / "market") as market:
        place(market, OrderLine("W-1", 500_000, 1, "carrier"))
        pay(market, "W-1")
        deliver(market, "W-1")
        give(market, 60_000)
        late = now() + 10**6
        terms = {
            COUPON: CampaignTerms(CampaignKind.COUPON, 1, 130, 0, late, 3600, value_fen=30),
            THRESHOLD: CampaignTerms(
                CampaignKind.THRESHOLD, 2, 30_000, 0, late, 3600,
                value_fen=3_000, threshold_fen=20_000, repeats=True, sponsor_bps=6_667,
            ),
            COMMISSION: CampaignTerms(CampaignKind.COMMISSION, 3, 5_000, 0, late, 3600, bps=100, payee=CREATOR),
        }  # fmt: skip
        for number, one in terms.items():
            sponsor(market, f"campaign {number}", one)
        place(market, *(line(f"P-{number}") for number in range(1, 5)))
        pay(market, "P-1", "P-2", "P-3")
        creator = available(market, CREATOR)
        refund_some(market, "P-1", 5_001, "early")
        refund_some(market, "P-2", None, "whole")
        keep(market)
        deliver(market, "P-1", "P-3")
        refund_some(market, "P-1", 7_003, "late")
        while keep(market):
            pass
        yield Told(market, terms, creator)


def test_prices_are_what_the_terms_give_and_explain_says_who_bears_what(told: Told) -> None:
    price = reckon(LIST_FEN, list(told.terms.values()))
    with read(told.market.engine) as connection:
        explained = explain_order(connection, MERCHANT, "P-1")
    assert explained.price is not None
    said = explained.price
    assert (said.list_fen, said.shopper_fen, said.amount_fen) == (LIST_FEN, price.shopper_fen, price.amount_fen)
    assert explained.amount_fen == price.amount_fen == 43_001
    coupon, threshold, commission = said.discounts
    assert coupon.sentence == "off 45,000 fen: 30 fen; Platform bears 30"
    assert threshold.sentence == (
        "off 44,970 fen: 3,000 fen × 2, for every full 20,000; Platform bears 4,001, the merchant 1,999 "
        "(its part rounded down)"
    )
    assert commission.sentence == "commission: 100 bps × 43,001 fen, rounded down, borne by Platform"
    assert all(one.agrees for one in said.discounts)
    assert said.shopper_back_fen == shopper_back_fen(12_004, 38_970, 43_001)
    assert said.shopper_back_fen + said.sponsors_back_fen == 12_004


def test_budgets_are_spent_to_the_fen_and_never_beyond(told: Told) -> None:
    assert budget(told.market, COUPON) == Budget(130, 3 * 30, 30, 0)
    assert budget(told.market, THRESHOLD) == Budget(30_000, 3 * 4_001, 4_001, 0)
    paid = (43_001 - 12_004) // 100 + 430  # of what remains of P-1, and of P-3; nothing of P-2
    assert budget(told.market, COMMISSION) == Budget(5_000, paid, 430, 0)
    with pytest.raises(BadInput, match=r"campaign 1 has 0\.10 yuan left, and 0\.30 are needed"):
        place(told.market, line("P-5"))


def test_the_commission_reaches_its_payee_beside_its_share(told: Told) -> None:
    shares = sum(min(fen * 1_200 // 10_000, 2_000) for fen in (43_001 - 12_004, 43_001))
    commissions = (43_001 - 12_004) // 100 + 430
    assert available(told.market, CREATOR) - told.creator_before == shares + commissions


def test_a_clerk_types_no_other_price(told: Told) -> None:
    with pytest.raises(BadInput, match=r"the shopper pays 389\.70 yuan of 450\.00 under its campaigns, not 380\.00"):
        place(told.market, line("P-6", (THRESHOLD,), said_fen=38_000), line("P-7", said_fen=38_000))
    with pytest.raises(Conflict, match="used before with other content"):
        place(told.market, line("P-4", (COUPON,)))
    payment = BuyersPayment(MERCHANT, "P-4", 38_000, "B-9")
    deployment = told.market.chain.deployment
    with pytest.raises(BadInput, match=r"Order P-4 is of 389\.70 yuan, and 380\.00 were paid"):
        told.market.do("bank", lambda c, who: confirm_payments(c, deployment, who, [payment], now=now()))


def test_repeats_change_nothing(told: Told) -> None:
    market = told.market
    with read(market.engine) as connection:
        before = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
    balances = market.balances()
    assert not sponsor(market, "campaign 1", told.terms[COUPON]).new
    assert place(market, *(line(f"P-{number}") for number in range(1, 5))).new == ()
    assert pay(market, "P-1", "P-2", "P-3").new == ()
    assert keep(market) == 0
    with read(market.engine) as connection:
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == before
    assert market.balances() == balances
    with pytest.raises(Conflict, match="with other terms"):
        sponsor(market, "campaign 1", told.terms[THRESHOLD])


def test_the_bank_pays_shoppers_their_part(told: Told) -> None:
    market = told.market
    deployment = market.chain.deployment
    with write(market.engine) as connection:
        account = BankAccount("bank", "6200000000000000001", "102100099996")
        named = account_to_name(connection, NUMBERS["bank"], account, now=now())
        keep_account(connection, deployment, named, (), now=now(), unsigned=True)
        ids = connection.execute(select(order.c.order_id).where(order.c.refunded_fen > 0)).scalars().all()
        for number, identity in enumerate(ids):
            register_payer(connection, identity, BankAccount("李雷", f"63{number:017d}", "102100099996"))
        paid = pay_out(connection, deployment, market.documents, AccountRule(0, 0), bank=NUMBERS["bank"], now=now())
        whole = {row.order_id: row for row in connection.execute(select(refund)).all()}
    assert sum(one.amount_fen for one in paid.refunds) == shopper_back_fen(12_004, 38_970, 43_001) + 38_970
    assert sum(row.shopper_fen for row in whole.values()) > 0
    assert paid.data is not None
    statements = read_statement(StandInBank().execute(paid.data), source="camt.053").statements
    with read(market.engine) as connection:
        found = reconcile(expected_payments(connection), statements)
    assert (len(found.matched), len(found.differences)) == (3, 0)
    market.do("bank", lambda c, who: book_reconciled(c, deployment, who, found, now=now()))
    audited = market.audit()
    assert (audited.faults, audited.chain_checked, audited.to_shoppers_fen) == ((), True, 0)


def test_a_lapsed_reservation_is_freed_and_an_ended_campaign_returns_what_is_left(told: Told) -> None:
    market = told.market
    before = available(market, PLATFORM)
    ends = max(market.chain.client.head().timestamp, now()) + 10
    sponsor(market, "short", CampaignTerms(CampaignKind.COUPON, 1, 1_000, 0, ends, 1, value_fen=30))
    place(market, line("S-1", (SHORT,)), line("S-2", (SHORT,)))
    pay(market, "S-1")
    deployment = market.chain.deployment
    with pytest.raises(BadInput, match="has not ended"):
        market.do("creator", lambda c, who: close_campaign(c, deployment, who, SHORT, now=ends - 1))
    while market.chain.client.head().timestamp <= ends:  # each block is later than the one before it
        market.chain.act("farm", "Credit", "collect", PLATFORM)
    market.index()
    market.do("creator", lambda c, who: close_campaign(c, deployment, who, SHORT, now=ends))
    while keep(market):
        pass
    assert budget(market, SHORT) == Budget(1_000, 30, 0, 970)
    assert available(market, PLATFORM) == before - 30
    with pytest.raises(BadInput, match="was paid too late"):
        pay(market, "S-2")


def test_statements_come_to_what_members_have_and_every_fen_is_where_it_should_be(told: Told) -> None:
    market = told.market
    with read(market.engine) as connection:
        for member in (PLATFORM, CREATOR, MERCHANT):
            statement = party_statement(connection, member, day_of(now()))
            has = balances_of(connection, member)
            assert statement.opening_fen + sum(one.amount_fen for one in statement.lines) == has.available_fen
        kinds = {one.kind for one in party_statement(connection, PLATFORM, day_of(now())).lines}
    assert {"budget_in", "settled_up"} <= kinds
    found = market.audit()
    assert (found.faults, found.chain_checked) == ((), True)
    places = (found.escrow_fen, found.budget_fen, found.available_fen, found.in_transit_fen, found.to_shoppers_fen)
    assert found.supply_fen == sum(places) + found.fund_fen
    assert found.budget_fen > 0


def test_a_rebuild_gives_the_same_rows(told: Told, tmp_path: Path) -> None:
    market = told.market
    engine = open_engine(f"sqlite:///{tmp_path / 'again.sqlite'}")
    ensure_schema(engine)
    our_indexer(engine, market.chain.client, market.chain.deployment, market.documents).sync()
    with read(engine) as again, read(market.engine) as connection:
        assert digest(again) == digest(connection)
    engine.dispose()


def test_a_budget_that_is_not_there_and_terms_that_make_no_sense_are_refused(told: Told) -> None:
    with read(told.market.engine) as connection:
        farm = Acting(member_named(connection, "farm"), None)
    too_much = CampaignTerms(CampaignKind.COUPON, 1, 10**12, 0, now() + 100, 1, value_fen=1)
    with pytest.raises(BadInput, match="yuan available"), write(told.market.engine) as connection:
        open_campaign(connection, told.market.chain.deployment, farm, "much", too_much, [], now=now())
    nonsense = CampaignTerms(CampaignKind.COUPON, 0, 1, 0, 1, 0)
    words = "its rank must be 1 to 255; give either an amount or basis points"
    with pytest.raises(BadInput, match=words), write(told.market.engine) as connection:
        open_campaign(connection, told.market.chain.deployment, farm, "none", nonsense, [], now=now())
