"""Refunds: no more than remains, once a reference, numbered without holes, with the legs of what is settled."""

from __future__ import annotations

import pytest
from row_builders import (
    BANK,
    CREATOR,
    DEPLOYMENT,
    LEGS,
    MERCHANT,
    NOW,
    OTHER_MERCHANT,
    PLATFORM,
    SUSPENDED,
    a_debt,
    a_refund,
    a_rule,
    acting,
    an_entry,
    an_order,
    arguments,
    queued,
)
from sqlalchemy import Connection, update

from ledger.chain.outbox import Intent, queue
from ledger.errors import BadDocument, BadInput, Conflict, NotAllowed, NotFound
from ledger.settle.collect_owed import collect_owed
from ledger.settle.refund import QueuedRefund, RefundedOrders, RefundLine, refund_orders
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.store.schema import order as orders
from ledger.store.schema import outbox


def refunded(
    connection: Connection,
    *lines: tuple[str, int | None],
    reference: str = "complaint 1",
    member: int = MERCHANT,
    reason: str = "叶子黄了",
) -> RefundedOrders:
    wanted = [RefundLine(number, fen, reason) for number, fen in lines]
    return refund_orders(connection, DEPLOYMENT, acting(connection, member), wanted, reference, now=NOW)


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", [CREATOR, BANK, PLATFORM])
def test_member_that_is_no_merchant_cannot_refund(connection: Connection, member: int) -> None:
    an_order(connection)
    with pytest.raises(NotAllowed, match="may not refund orders"):
        refunded(connection, ("A-1", 100), member=member)


def test_suspended_merchant_cannot_refund(connection: Connection) -> None:
    with pytest.raises(NotAllowed, match="suspended"):
        refunded(connection, ("A-1", 100), member=SUSPENDED)


def test_unknown_order_is_not_found(connection: Connection) -> None:
    with pytest.raises(NotFound, match="placed no order A-9"):
        refunded(connection, ("A-9", 100))


def test_order_of_another_merchant_is_not_found(connection: Connection) -> None:
    an_order(connection)
    with pytest.raises(NotFound, match="placed no order A-1"):
        refunded(connection, ("A-1", 100), member=OTHER_MERCHANT)


def test_order_that_is_not_paid_cannot_be_refunded(connection: Connection) -> None:
    an_order(connection, state="placed")
    with pytest.raises(Conflict, match="not paid yet"):
        refunded(connection, ("A-1", 100))


@pytest.mark.parametrize("fen", [0, -1])
def test_amount_that_is_not_positive_is_refused(connection: Connection, fen: int) -> None:
    an_order(connection)
    with pytest.raises(BadInput, match="must be positive"):
        refunded(connection, ("A-1", fen))


def test_more_than_remains_is_refused(connection: Connection) -> None:
    an_order(connection, amount_fen=10_000)
    a_refund(connection, "A-1", 1, 4_000)
    with pytest.raises(BadInput, match=r"Of order A-1 60\.00 yuan remain, not 60\.01"):
        refunded(connection, ("A-1", 6_001))


@pytest.mark.parametrize("fen", [1, None])
def test_of_an_order_refunded_in_full_nothing_remains(connection: Connection, fen: int | None) -> None:
    an_order(connection)
    a_refund(connection, "A-1", 1, 10_000)
    with pytest.raises(Conflict, match="in full already"):
        refunded(connection, ("A-1", fen))


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
def test_refund_without_a_reason_of_fair_length_is_refused(connection: Connection, reason: str) -> None:
    an_order(connection)
    with pytest.raises(BadInput, match="needs a reason"):
        refunded(connection, ("A-1", 100), reason=reason)


def test_refund_without_a_reference_or_an_order_is_refused(connection: Connection) -> None:
    an_order(connection)
    with pytest.raises(BadInput, match="needs a reference"):
        refunded(connection, ("A-1", 100), reference=" ")
    with pytest.raises(BadInput, match="at least one order"):
        refunded(connection)


def test_order_that_stands_twice_is_refused(connection: Connection) -> None:
    an_order(connection)
    with pytest.raises(BadInput, match="stands twice"):
        refunded(connection, ("A-1", 100), ("A-1", 200))


def test_one_fault_refuses_all_and_every_fault_is_named(connection: Connection) -> None:
    an_order(connection, "A-1")
    an_order(connection, "A-2", state="placed")
    with pytest.raises(BadDocument, match="none was made") as refusal:
        refunded(connection, ("A-1", 100), ("A-2", 100), ("A-3", 100))
    assert "not paid" in str(refusal.value)
    assert "no order A-3" in str(refusal.value)
    assert queued(connection) == []


def test_the_256th_refund_of_an_order_is_refused(connection: Connection) -> None:
    an_order(connection)
    a_refund(connection, "A-1", 255, 1)
    with pytest.raises(Conflict, match="refunded 255 times"):
        refunded(connection, ("A-1", 1))


# --- what is queued --------------------------------------------------------------------------------------------------


def test_paid_order_is_refunded_from_escrow_without_legs(connection: Connection) -> None:
    identity = an_order(connection)
    result = refunded(connection, ("A-1", 2_500))
    assert (result.new, result.refunds) == (True, {"A-1": QueuedRefund(identity, 1, 2_500, "叶子黄了")})
    (row,) = queued(connection)
    assert (row.contract, row.function, result.outbox_ids) == ("Escrow", "refund", (row.id,))
    said = arguments(row)
    assert said["legs"] == b""
    (one,) = said["refunds"]
    assert one == {"order": bytes.fromhex(identity[2:]), "number": 1, "amountFen": 2_500, "reason": "叶子黄了"}


@pytest.mark.parametrize("state", ["settled", "delivered"])
def test_order_that_is_or_may_be_settled_takes_its_legs_along(connection: Connection, state: str) -> None:
    an_order(connection, state=state)
    refunded(connection, ("A-1", 100))
    assert arguments(queued(connection)[0])["legs"] == pack_legs(LEGS)


def test_order_whose_settlement_is_under_way_takes_its_legs_along(connection: Connection) -> None:
    identity = an_order(connection)
    settling = Intent("s", acting(connection, BANK).account, "Escrow", "settle", ([identity], pack_legs(LEGS)))
    queue(connection, DEPLOYMENT, settling, NOW)
    refunded(connection, ("A-1", 100))
    assert arguments(queued(connection)[1])["legs"] == pack_legs(LEGS)


def test_orders_under_several_versions_are_refunded_by_version(connection: Connection) -> None:
    others = (Leg(MERCHANT, LegKind.RESIDUAL),)
    a_rule(connection, rule=2, legs=others)
    an_order(connection, "A-1", state="settled")
    an_order(connection, "A-2", state="settled", rule=2)
    an_order(connection, "A-3", state="settled")
    an_order(connection, "A-4")
    result = refunded(connection, *((f"A-{number}", None) for number in (1, 2, 3, 4)))
    calls = [arguments(row) for row in queued(connection)]
    assert [(call["legs"], len(call["refunds"])) for call in calls] == [
        (pack_legs(LEGS), 2),
        (pack_legs(others), 1),
        (b"", 1),
    ]
    assert [one.amount_fen for one in result.refunds.values()] == [10_000] * 4


def test_all_that_remains_is_what_rows_and_refunds_under_way_leave(connection: Connection) -> None:
    an_order(connection, amount_fen=10_000)
    a_refund(connection, "A-1", 1, 4_000)
    assert refunded(connection, ("A-1", 1_000)).refunds["A-1"].refund == 2
    last = refunded(connection, ("A-1", None), reference="complaint 2").refunds["A-1"]
    assert (last.refund, last.amount_fen) == (3, 5_000)


def test_refund_that_is_indexed_and_still_followed_is_counted_once(connection: Connection) -> None:
    an_order(connection, amount_fen=10_000)
    refunded(connection, ("A-1", 4_000))
    a_refund(connection, "A-1", 1, 4_000)
    last = refunded(connection, ("A-1", None), reference="complaint 2").refunds["A-1"]
    assert (last.refund, last.amount_fen) == (2, 6_000)


# --- the same again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fen", [4_000, None])
def test_same_refund_again_is_no_second_even_when_it_is_settled_since(connection: Connection, fen: int | None) -> None:
    an_order(connection)
    first = refunded(connection, ("A-1", fen))
    connection.execute(update(orders).values(state="settled"))
    again = refunded(connection, ("A-1", fen))
    assert (again.new, again.refunds, again.outbox_ids) == (False, first.refunds, first.outbox_ids)
    assert len(queued(connection)) == 1


def test_reference_used_for_other_content_is_a_conflict(connection: Connection) -> None:
    an_order(connection, "A-1")
    an_order(connection, "A-2")
    refunded(connection, ("A-1", 4_000))
    for lines in ([("A-1", 4_001)], [("A-1", None)], [("A-2", 4_000)], [("A-1", 4_000), ("A-2", 4_000)]):
        with pytest.raises(Conflict, match="used before for other refunds"):
            refunded(connection, *lines)
    with pytest.raises(Conflict, match="used before for other refunds"):
        refunded(connection, ("A-1", 4_000), reason="late")


def test_two_members_may_use_one_reference(connection: Connection) -> None:
    a_rule(connection, rule=2, merchant=OTHER_MERCHANT)
    an_order(connection)
    an_order(connection, merchant=OTHER_MERCHANT, rule=2)
    assert refunded(connection, ("A-1", 1)).new
    assert refunded(connection, ("A-1", 2), member=OTHER_MERCHANT).new


def test_what_the_contract_refused_is_queued_anew_and_the_rest_is_not(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled")
    an_order(connection, "A-2")
    refunded(connection, ("A-1", 100), ("A-2", 100))
    settled, paid = queued(connection)
    connection.execute(update(outbox).where(outbox.c.id == paid.id).values(state="reverted"))
    connection.execute(update(orders).where(orders.c.number == "A-2").values(state="settled"))
    again = refunded(connection, ("A-1", 100), ("A-2", 100))
    assert again.new
    assert set(again.outbox_ids) == {settled.id, paid.id}
    assert arguments(next(row for row in queued(connection) if row.id == paid.id))["legs"] == pack_legs(LEGS)


# --- the keeper of debts ---------------------------------------------------------------------------------------------


def kept(connection: Connection) -> list[int]:
    return collect_owed(connection, DEPLOYMENT, acting(connection, PLATFORM), now=NOW)


def test_who_owes_and_has_earned_is_collected_for_and_nobody_else(connection: Connection) -> None:
    a_debt(connection, CREATOR, 500)
    a_debt(connection, MERCHANT, 300)
    an_entry(connection, CREATOR, 200, "credited")
    an_entry(connection, BANK, 200, "credited")
    kept(connection)
    (row,) = queued(connection)
    assert (row.contract, row.function, arguments(row)) == ("Credit", "collect", {"member": CREATOR})


def test_who_has_paid_its_debt_is_left_alone(connection: Connection) -> None:
    a_debt(connection, CREATOR, 500)
    a_debt(connection, CREATOR, -500)
    an_entry(connection, CREATOR, 200, "credited")
    assert kept(connection) == []


def test_keeper_run_again_queues_nothing_until_more_is_earned(connection: Connection) -> None:
    a_debt(connection, CREATOR, 500)
    an_entry(connection, CREATOR, 200, "credited")
    assert len(kept(connection)) == 1
    assert kept(connection) == []
    connection.execute(update(outbox).values(state="final", block=20))
    an_entry(connection, CREATOR, -200, "debt_paid", block=20)
    a_debt(connection, CREATOR, -200, block=20)
    assert kept(connection) == []
    an_entry(connection, CREATOR, 100, "credited", block=21)
    assert len(kept(connection)) == 1
