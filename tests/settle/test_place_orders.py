"""Placing orders: who may, what is refused before anything is queued, and that a repeat changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from row_builders import (
    BANK,
    CARRIER,
    DEPLOYMENT,
    MERCHANT,
    NOW,
    OTHER_MERCHANT,
    SUSPENDED,
    a_rule,
    a_session,
    acting,
    an_order,
    arguments,
    queued,
)
from sqlalchemy import Connection, update

from ledger.errors import BadDocument, BadInput, Conflict, NotAllowed, NotAuthenticated
from ledger.settle.order_line import OrderLine
from ledger.settle.place_orders import PlacedOrders, place_orders
from ledger.settle.split import Leg, LegKind
from ledger.store.schema import outbox


def an_order_line(number: str = "A-1", **changes: object) -> OrderLine:
    return replace(OrderLine(number, 10_000, 1, "carrier", f"orders.csv:{number}"), **changes)  # type: ignore[arg-type]


def placed(connection: Connection, *lines: OrderLine, member: int = MERCHANT, **options: object) -> PlacedOrders:
    return place_orders(connection, DEPLOYMENT, acting(connection, member), lines, now=NOW, **options)  # type: ignore[arg-type]


def test_member_without_the_role_cannot_place_orders(connection: Connection) -> None:
    with pytest.raises(NotAllowed, match="Settlement Bank is admitted as bank and may not place orders"):
        placed(connection, an_order_line(), member=BANK)


def test_suspended_member_cannot_place_orders(connection: Connection) -> None:
    with pytest.raises(NotAllowed, match="suspended"):
        placed(connection, an_order_line(), member=SUSPENDED)


def test_session_of_another_member_is_refused(connection: Connection) -> None:
    stolen = acting(connection, MERCHANT, a_session(OTHER_MERCHANT))
    with pytest.raises(NotAuthenticated, match="The session is member 6's"):
        place_orders(connection, DEPLOYMENT, stolen, [an_order_line()], now=NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount_fen": 0}, "of 0.00 yuan"),
        ({"amount_fen": -1}, "negative"),
        ({"amount_fen": 9 * 10**14 + 1}, "more than 9000000000000.00"),
        ({"amount_fen": 199}, r"1\.99 yuan, less than the fixed legs and floors of rule 1, which take 2\.00"),
        ({"number": "", "where": "orders.csv:A-1"}, "no number"),
        ({"rule": 9}, "no rule 9"),
        ({"carrier": "nobody"}, "no member 'nobody'"),
        ({"carrier": "bank"}, "no active carrier"),
        ({"carrier": "farm"}, "no active carrier"),
    ],
)
def test_order_that_cannot_be_is_refused_with_its_line(
    connection: Connection, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        placed(connection, an_order_line(**changes))
    assert caught.value.where == "orders.csv:A-1"
    assert queued(connection) == []


def test_rule_of_another_merchant_is_refused(connection: Connection) -> None:
    with pytest.raises(BadInput, match="another merchant's"):
        placed(connection, an_order_line(), member=OTHER_MERCHANT)


def test_rule_that_lacks_signatures_is_refused(connection: Connection) -> None:
    a_rule(connection, rule=2, adopted_block=None)
    with pytest.raises(BadInput, match="not in force: signatures are missing"):
        placed(connection, an_order_line(rule=2))


def test_minimum_is_that_of_the_version_in_force(connection: Connection) -> None:
    dearer = (Leg(CARRIER, LegKind.FIXED, 20_000), Leg(MERCHANT, LegKind.RESIDUAL))
    a_rule(connection, version=2, legs=dearer, base=1, adopted_block=None)
    assert placed(connection, an_order_line("A-1")).new == ("A-1",)
    a_rule(connection, version=3, legs=dearer, base=1)
    with pytest.raises(BadInput, match=r"which take 200\.00"):
        placed(connection, an_order_line("A-2"))


def test_order_number_reused_with_other_content_is_a_conflict(connection: Connection) -> None:
    an_order(connection, "A-1", amount_fen=10_000)
    with pytest.raises(Conflict, match="A-1 was used before with other content"):
        placed(connection, an_order_line(amount_fen=10_001))
    assert queued(connection) == []


def test_order_number_reused_before_the_first_is_on_chain_is_a_conflict(connection: Connection) -> None:
    placed(connection, an_order_line())
    with pytest.raises(Conflict, match=r"100\.00 yuan, rule 1, carrier 3; now: 100\.01 yuan"):
        placed(connection, an_order_line(amount_fen=10_001))


def test_order_number_reused_within_one_call_is_a_conflict(connection: Connection) -> None:
    with pytest.raises(Conflict):
        placed(connection, an_order_line(), an_order_line(amount_fen=10_001))


def test_one_bad_order_among_good_ones_refuses_all_and_names_each(connection: Connection) -> None:
    with pytest.raises(BadDocument) as caught:
        placed(connection, an_order_line("A-1"), an_order_line("A-2", amount_fen=1), an_order_line("A-3", rule=9))
    assert [problem.where for problem in caught.value.problems] == ["orders.csv:A-2", "orders.csv:A-3"]
    assert queued(connection) == []


def test_good_orders_are_placed_when_told_to_proceed(connection: Connection) -> None:
    result = placed(connection, an_order_line("A-1"), an_order_line("A-2", amount_fen=1), behaviour="proceed")
    assert result.new == ("A-1",)
    assert len(result.refused) == 1


def test_orders_are_queued_with_their_terms_in_the_merchants_name(connection: Connection) -> None:
    result = placed(connection, an_order_line("A-1"), an_order_line("订单-2", amount_fen=500))
    (row,) = queued(connection)
    assert result.outbox_ids == (row.id,)
    assert (row.contract, row.function) == ("Escrow", "place")
    assert arguments(row)["terms"] == [
        {"number": "A-1", "amountFen": 10_000, "rule": 1, "carrier": CARRIER},
        {"number": "订单-2", "amountFen": 500, "rule": 1, "carrier": CARRIER},
    ]
    assert row.authority is not None


def test_same_orders_again_change_nothing_and_say_so(connection: Connection) -> None:
    first = placed(connection, an_order_line("A-1"), an_order_line("A-2"))
    again = placed(connection, an_order_line("A-1"), an_order_line("A-2"))
    assert first.new == again.repeated == ("A-1", "A-2")
    assert again.outbox_ids == ()
    assert len(queued(connection)) == 1


def test_same_order_again_after_it_was_indexed_changes_nothing(connection: Connection) -> None:
    an_order(connection, "A-1", state="settled")
    assert placed(connection, an_order_line()).repeated == ("A-1",)
    assert queued(connection) == []


def test_order_whose_transaction_was_refused_can_be_placed_again(connection: Connection) -> None:
    placed(connection, an_order_line())
    connection.execute(update(outbox).values(state="reverted", error="no session"))
    assert placed(connection, an_order_line()).new == ("A-1",)
    assert len(queued(connection)) == 1


def test_large_files_are_placed_in_batches_that_fit_a_block(connection: Connection) -> None:
    placed(connection, *(an_order_line(str(number)) for number in range(498)))
    sizes = [len(arguments(row)["terms"]) for row in queued(connection)]
    assert sum(sizes) == 498
    assert max(sizes) <= 100
