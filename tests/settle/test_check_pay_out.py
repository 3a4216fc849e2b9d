"""Before the bank pays: the chain must hold what the rows would have it pay."""

from __future__ import annotations

from typing import Any, cast

import pytest
from row_builders import CREATOR, MERCHANT, a_refund, a_withdrawal, an_order
from sqlalchemy import Connection

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import BrokenEvidence, Unavailable
from ledger.settle.check_pay_out import check_pay_out

DEPLOYMENT = Deployment(7710, 1, {})


class Nodes:
    """What a majority of nodes says is in transit, by member, and to shoppers; None: no majority."""

    def __init__(self, in_transit: dict[int, int] | None, to_shoppers: int = 0) -> None:
        self.in_transit = in_transit
        self.to_shoppers = to_shoppers

    def by_quorum(self) -> Nodes:
        return self

    def call(self, deployment: Deployment, contract: str, function: str, member: int = 0) -> int:
        assert (contract, function) in (("Credit", "inTransitFen"), ("Credit", "toShoppersFen"))
        if self.in_transit is None:
            raise Unavailable("1 of 4 nodes answers, and 3 must.")
        if function == "toShoppersFen":
            return self.to_shoppers
        return self.in_transit.get(member, 0)


def check(connection: Connection, in_transit: dict[int, int] | None, to_shoppers: int = 0) -> None:
    client: Any = Nodes(in_transit, to_shoppers)
    check_pay_out(connection, cast(Client, client), DEPLOYMENT)


def test_more_in_the_rows_than_on_the_chain_is_refused(connection: Connection) -> None:
    a_withdrawal(connection, 1, MERCHANT, 5_000)
    a_withdrawal(connection, 2, CREATOR, 300)
    a_withdrawal(connection, 3, CREATOR, 200)
    with pytest.raises(BrokenEvidence, match=r"5\.00 yuan in transit in the rows, and 4\.99 on the chain"):
        check(connection, {MERCHANT: 5_000, CREATOR: 499})


def test_more_refunded_in_the_rows_than_on_the_chain_is_refused(connection: Connection) -> None:
    an_order(connection)
    a_refund(connection, "A-1", 1, 500)
    with pytest.raises(
        BrokenEvidence, match=r"Shoppers have 5\.00 yuan in transit in the rows, and 4\.99 on the chain"
    ):
        check(connection, {}, 499)
    with pytest.raises(Unavailable, match="3 must"):
        check(connection, None)
    check(connection, {}, 500)


def test_without_a_majority_nobody_is_paid(connection: Connection) -> None:
    a_withdrawal(connection, 1, MERCHANT, 5_000)
    with pytest.raises(Unavailable, match="3 must"):
        check(connection, None)


def test_what_the_chain_holds_may_be_paid(connection: Connection) -> None:
    check(connection, None)  # nothing waits: nobody is asked
    a_withdrawal(connection, 1, MERCHANT, 5_000)
    check(connection, {MERCHANT: 5_000})
    check(connection, {MERCHANT: 9_000})  # not indexed yet: paid later
