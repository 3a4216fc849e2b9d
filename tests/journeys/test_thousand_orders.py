"""The same real purchases once order by order and once by the batch, with every outcome that an order can have: every member
ends with the same money, statements reconcile with the bank's file, and both ledgers' audits are clean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import select
from two_rails_world import NUMBERS, Market, a_market, now

from ledger.config import AccountRule
from ledger.settle.acting import member_named
from ledger.settle.balances import balances_of
from ledger.settle.bank.payment_file import BankAccount
from ledger.settle.bank.read_statement import read_statement
from ledger.settle.bank.stand_in_bank import StandInBank
from ledger.settle.bank_accounts import keep_unsigned
from ledger.settle.book_reconciled import book_reconciled
from ledger.settle.confirm_payments import BuyersPayment, confirm_payments
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.guarantee_fund import pay_into_fund
from ledger.settle.order_line import OrderLine
from ledger.settle.party_statement import day_of, party_statement
from ledger.settle.pay_batch import BatchPayment, pay_batch
from ledger.settle.pay_out import expected_payments, pay_out
from ledger.settle.payers import register_payer
from ledger.settle.place_batches import PlacedBatches, place_batches
from ledger.settle.place_orders import place_orders
from ledger.settle.reconcile import reconcile
from ledger.settle.refund import RefundLine, refund_orders
from ledger.settle.refund_batch import refund_batch
from ledger.settle.settle_batch import BatchCheckpoint, settle_batch
from ledger.settle.take_out import take_out
from ledger.settle.withdraw import available_to_withdraw, withdraw
from ledger.store.database import read, write
from ledger.store.schema import order, withdrawal

AT, PLACE, REASON = "2026-04-20T09:30:00+08:00", "the buyers' doors", "叶子黄了"
PAYEES = ("platform", "creator", "farm", "merchant")


@dataclass(frozen=True)
class Outcome:
    """How an order ends. `before` and `after` delivery a refund: of a half, of all, or None.

    `alone`: in a batch it must be taken out first. `in_a_hundred`: how many orders end so; 0: all that are left.
    """

    name: str
    in_a_hundred: int
    delivered: bool = True
    before: str | None = None
    after: str | None = None
    alone: bool = False

    @property
    def state(self) -> str:
        return "refunded" if "whole" in (self.before, self.after) else "settled" if self.delivered else "paid"


OUTCOMES = (
    Outcome("paid only", 5, delivered=False),
    Outcome("refunded in part before it is settled", 3, before="half", alone=True),
    Outcome("refunded in whole before it is settled", 4, delivered=False, before="whole"),
    Outcome("refunded in part after it was settled", 3, after="half", alone=True),
    Outcome("refunded in whole after it was settled", 4, after="whole"),
    Outcome("refunded in part before and after", 2, before="half", after="half", alone=True),
    Outcome("taken out of its batch and settled alone", 3, alone=True),
    Outcome("settled", 0),
)


@dataclass(frozen=True)
class Sold:
    number: str
    amount_fen: int
    outcome: Outcome


def the_sale(corpora: Path, count: int) -> list[Sold]:
    """Real purchases, a cent a fen, and of each hundred so many with each outcome."""
    lines = (corpora / "orders" / "cdnow-sample.txt").read_text().splitlines()
    amounts = [fen for line in lines if (fen := int(line.split()[-1].replace(".", "")))]
    hundred = [outcome for outcome in OUTCOMES for _ in range(outcome.in_a_hundred)]
    hundred += [OUTCOMES[-1]] * (100 - len(hundred))
    return [Sold(f"T-{at:04d}", amounts[at], hundred[at * 37 % 100]) for at in range(count)]


class Rail(Protocol):
    """How one of the two ledgers does the same."""

    def __init__(self, market: Market) -> None: ...
    def place(self, orders: list[Sold]) -> None: ...
    def pay(self) -> None: ...
    def part(self, orders: list[Sold]) -> None: ...
    def refund_whole(self, orders: list[Sold], reference: str) -> None: ...
    def deliver(self, orders: list[Sold]) -> None: ...


def deliver_alone(market: Market, orders: list[Sold]) -> None:
    checkpoint = Checkpoint(tuple((NUMBERS["merchant"], sold.number) for sold in orders), AT, PLACE)
    deployment, documents = market.chain.deployment, market.documents
    market.do("carrier", lambda c, who: deliver_checkpoint(c, deployment, documents, who, checkpoint, now=now()))


def refund_alone(market: Market, lines: list[RefundLine], reference: str) -> None:
    deployment = market.chain.deployment
    market.do("merchant", lambda c, who: refund_orders(c, deployment, who, lines, reference, now=now()))


class Instant:
    """Each order on its own."""

    def __init__(self, market: Market) -> None:
        self._market, self._deployment = market, market.chain.deployment
        self._orders: list[Sold] = []

    def place(self, orders: list[Sold]) -> None:
        self._orders = orders
        lines = [OrderLine(sold.number, sold.amount_fen, 1, "carrier") for sold in orders]
        self._market.do("merchant", lambda c, who: place_orders(c, self._deployment, who, lines, now=now()))

    def pay(self) -> None:
        payments = [
            BuyersPayment(NUMBERS["merchant"], sold.number, sold.amount_fen, f"B-{sold.number}")
            for sold in self._orders
        ]
        self._market.do("bank", lambda c, who: confirm_payments(c, self._deployment, who, payments, now=now()))

    def part(self, orders: list[Sold]) -> None:
        """They are on their own."""

    def refund_whole(self, orders: list[Sold], reference: str) -> None:
        refund_alone(self._market, [RefundLine(sold.number, None, REASON) for sold in orders], reference)

    def deliver(self, orders: list[Sold]) -> None:
        deliver_alone(self._market, orders)


class ByTheBatch:
    """All in batches; what a batch cannot do is taken out."""

    def __init__(self, market: Market) -> None:
        self._market, self._deployment = market, market.chain.deployment
        self._batch = ""
        self._out: set[str] = set()

    def place(self, orders: list[Sold]) -> None:
        market = self._market
        lines = [OrderLine(sold.number, sold.amount_fen, 1, "carrier") for sold in orders]
        placed: PlacedBatches = market.do(
            "merchant", lambda c, who: place_batches(c, self._deployment, market.documents, who, lines, now=now())
        )
        (batch,) = placed.new
        self._batch, self._total_fen = batch.id, batch.terms.total_fen

    def pay(self) -> None:
        market, payment = self._market, BatchPayment(self._batch, self._total_fen, "BUYERS")
        market.do("bank", lambda c, who: pay_batch(c, self._deployment, market.documents, who, payment, now=now()))

    def part(self, orders: list[Sold]) -> None:
        numbers = [sold.number for sold in orders]
        self._out |= set(numbers)
        self._market.do("merchant", lambda c, who: take_out(c, self._deployment, who, self._batch, numbers, now=now()))

    def refund_whole(self, orders: list[Sold], reference: str) -> None:
        numbers = [sold.number for sold in orders]
        act = "refund " + reference
        self._market.do(
            "merchant", lambda c, who: refund_batch(c, self._deployment, who, self._batch, numbers, act, now=now())
        )

    def deliver(self, orders: list[Sold]) -> None:
        market = self._market
        inside = tuple(sold.number for sold in orders if sold.number not in self._out)
        checkpoint = BatchCheckpoint(self._batch, inside, AT, PLACE)
        market.do(
            "carrier", lambda c, who: settle_batch(c, self._deployment, market.documents, who, checkpoint, now=now())
        )
        if alone := [sold for sold in orders if sold.number in self._out]:
            deliver_alone(market, alone)


RAILS: dict[str, type[Rail]] = {"instant": Instant, "batch": ByTheBatch}


@dataclass
class Told:
    """A ledger after the sale; `before_the_bank`: all its balances before a payment file was written."""

    market: Market
    sale: list[Sold]
    before_the_bank: dict[tuple[str, int | None], int]
    matched: int = 0
    differences: int = 0


def tell(rail: Rail, market: Market, sale: list[Sold]) -> Told:
    """The whole story, act by act."""
    rail.place(sale)
    rail.pay()
    rail.part([sold for sold in sale if sold.outcome.alone])
    refund_halves(market, [sold for sold in sale if sold.outcome.before == "half"], "halves early")
    rail.refund_whole([sold for sold in sale if sold.outcome.before == "whole"], "whole, early")
    rail.deliver([sold for sold in sale if sold.outcome.delivered])
    have_withdrawn(market, "creator", "before the refunds")
    deployment = market.chain.deployment
    market.do("platform", lambda c, who: pay_into_fund(c, deployment, who, 50, "first", now=now()))
    refund_halves(market, [sold for sold in sale if sold.outcome.after == "half"], "halves late")
    rail.refund_whole([sold for sold in sale if sold.outcome.after == "whole"], "whole, late")
    for payee in ("farm", "merchant", "platform"):
        have_withdrawn(market, payee, "after the sale")
    returned = withdrawal_of(market, "farm")
    market.chain.act("bank", "Credit", "returnWithdrawal", returned, "account closed")
    market.index()
    told = Told(market, sale, market.balances())
    have_the_bank_pay(told)
    return told


def refund_halves(market: Market, orders: list[Sold], reference: str) -> None:
    lines = [RefundLine(sold.number, max(sold.amount_fen // 4, 1), REASON) for sold in orders]
    refund_alone(market, lines, reference)


def have_withdrawn(market: Market, payee: str, reference: str) -> None:
    deployment = market.chain.deployment
    market.do(payee, lambda c, who: withdraw(c, deployment, who, available_to_withdraw(c, who), reference, now=now()))


def withdrawal_of(market: Market, payee: str) -> int:
    with read(market.engine) as connection:
        query = select(withdrawal.c.withdrawal).where(withdrawal.c.member == NUMBERS[payee])
        return int(connection.execute(query).scalar_one())


def have_the_bank_pay(told: Told) -> None:
    """A file of withdrawals and of refunds that are covered; the bank's answer, matched and booked."""
    market = told.market
    with write(market.engine) as connection:
        for number, member in enumerate(("bank", *PAYEES)):
            account = BankAccount(member, f"62{number:017d}", "102100099996")
            keep_unsigned(connection, market.chain.deployment, NUMBERS[member], account, now=now())
        ids = connection.execute(select(order.c.order_id).where(order.c.refunded_fen > 0)).scalars().all()
        for number, identity in enumerate(ids):
            register_payer(connection, identity, BankAccount("李雷", f"63{number:017d}", "102100099996"))
        paid = pay_out(
            connection, market.chain.deployment, market.documents, AccountRule(0, 0), bank=NUMBERS["bank"], now=now()
        )
    assert paid.data is not None
    statements = read_statement(StandInBank().execute(paid.data), source="camt.053").statements
    with read(market.engine) as connection:
        found = reconcile(expected_payments(connection), statements)
    told.matched, told.differences = len(found.matched), len(found.differences)
    assert told.matched == len(paid.withdrawals) + len(paid.refunds)
    deployment = market.chain.deployment
    market.do("bank", lambda c, who: book_reconciled(c, deployment, who, found, now=now()))


@pytest.fixture(scope="module", params=[pytest.param(count, marks=pytest.mark.heavy) for count in (100, 1_000)])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corpora: Path
) -> Iterator[dict[str, Told]]:
    """The two ledgers by rail: of a hundred orders, and of a thousand."""
    folder, sale = tmp_path_factory.mktemp("rails"), the_sale(corpora, request.param)
    with a_market(folder / "instant") as one, a_market(folder / "batch") as other:
        markets = {"instant": one, "batch": other}
        yield {name: tell(RAILS[name](market), market, sale) for name, market in markets.items()}


@pytest.mark.shared
@pytest.mark.parametrize("rail", RAILS)
def test_every_order_ends_as_it_was_meant_to(told: dict[str, Told], rail: str) -> None:
    market, sale = told[rail].market, told[rail].sale
    with read(market.engine) as connection:
        rows = connection.execute(select(order.c.number, order.c.state)).all()
    assert dict(map(tuple, rows)) == {sold.number: sold.outcome.state for sold in sale}
    assert {sold.outcome for sold in sale} == set(OUTCOMES)


@pytest.mark.shared
def test_both_rails_leave_everybody_the_same_money(told: dict[str, Told]) -> None:
    instant, batch = told["instant"], told["batch"]
    assert instant.before_the_bank == batch.before_the_bank
    owing = instant.before_the_bank.get(("owed", NUMBERS["creator"]), 0)
    assert owing > 0  # the creator had withdrawn what refunds took back
    of_members = [{name: fen for name, fen in each.market.balances().items() if name[1]} for each in told.values()]
    assert of_members[0] == of_members[1]


@pytest.mark.shared
@pytest.mark.parametrize("rail", RAILS)
def test_bank_and_ledger_agree_line_by_line(told: dict[str, Told], rail: str) -> None:
    assert told[rail].matched > 0
    assert told[rail].differences == 0


@pytest.mark.shared
@pytest.mark.parametrize("rail", RAILS)
def test_statements_come_to_what_the_payees_have(told: dict[str, Told], rail: str) -> None:
    with read(told[rail].market.engine) as connection:
        for payee in PAYEES:
            member = member_named(connection, payee).member
            statement = party_statement(connection, member, day_of(now()))
            has = balances_of(connection, member)
            lines = sum(line.amount_fen for line in statement.lines)
            assert statement.lines
            assert statement.opening_fen + lines == statement.closing_fen == has.available_fen
            assert statement.owed_fen == has.owed_fen


@pytest.mark.shared
@pytest.mark.parametrize("rail", RAILS)
def test_every_fen_is_where_it_should_be(told: dict[str, Told], rail: str) -> None:
    found = told[rail].market.audit()
    assert (found.faults, found.chain_checked) == ((), True)
    parts = (
        found.escrow_fen
        + found.budget_fen
        + found.available_fen
        + found.in_transit_fen
        + found.to_shoppers_fen
        + found.fund_fen
    )
    assert found.supply_fen == parts
