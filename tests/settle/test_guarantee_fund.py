"""Paying into the guarantee fund: no more than there is, once a reference."""

from __future__ import annotations

import pytest
from row_builders import CREATOR, DEPLOYMENT, NOW, acting, an_entry, arguments, queued
from sqlalchemy import Connection, insert

from ledger.chain.outbox import QueuedOutcome
from ledger.errors import BadInput, Conflict, NotAllowed
from ledger.settle.guarantee_fund import GuaranteeFund, guarantee_fund, pay_into_fund
from ledger.settle.withdraw import available_to_withdraw
from ledger.store.schema import debt, frozen


def paid_in(connection: Connection, fen: int, reference: str = "june") -> QueuedOutcome:
    return pay_into_fund(connection, DEPLOYMENT, acting(connection, CREATOR), fen, reference, now=NOW)


def test_a_payment_is_queued_once_for_each_reference(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    first, again = paid_in(connection, 600), paid_in(connection, 600)
    assert (first.new, again.new, again.id) == (True, False, first.id)
    (row,) = queued(connection)
    assert (row.function, arguments(row)) == ("payIntoFund", {"amountFen": 600})
    with pytest.raises(Conflict, match="used before for another amount"):
        paid_in(connection, 500)


def test_what_is_on_its_way_into_the_fund_is_not_available(connection: Connection) -> None:
    an_entry(connection, CREATOR, 1_000, "credited")
    paid_in(connection, 600)
    assert available_to_withdraw(connection, acting(connection, CREATOR)) == 400
    with pytest.raises(BadInput, match=r"has 4\.00 yuan available, not 4\.01"):
        paid_in(connection, 401, "july")


def test_nothing_and_a_frozen_account_are_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="must be positive"):
        paid_in(connection, 0)
    with pytest.raises(BadInput, match="needs a reference"):
        paid_in(connection, 1, " ")
    an_entry(connection, CREATOR, 1_000, "credited")
    connection.execute(insert(frozen).values(member=CREATOR, reason="court order", block=1))
    with pytest.raises(NotAllowed, match="court order"):
        paid_in(connection, 1)


def test_the_fund_is_a_sum_of_entries_and_what_is_owed_of_debts(connection: Connection) -> None:
    assert guarantee_fund(connection) == GuaranteeFund(0, 0, 0)
    an_entry(connection, CREATOR, 700, "fund_in", account="fund")
    debts = [(1, 0, CREATOR, 500, 200), (1, 1, CREATOR, -300, -200)]
    names = ("block", "log_index", "member", "owed_fen", "due_fen")
    connection.execute(insert(debt), [dict(zip(names, one, strict=True)) | {"at": NOW} for one in debts])
    assert guarantee_fund(connection) == GuaranteeFund(700, 200, 0)
