"""Placing by the batch: what is refused, how orders are put together, and that a repeat changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from batch_builders import a_batch
from row_builders import BANK, CARRIER, DEPLOYMENT, MERCHANT, NOW, a_rule, acting, an_order, arguments, queued
from sqlalchemy import Connection

from ledger.errors import BadDocument, BadInput, Conflict, NotAllowed
from ledger.settle.batch_manifest import BatchManifest, read_batch_manifest
from ledger.settle.batch_rows import batch_named
from ledger.settle.order_line import OrderLine
from ledger.settle.place_batches import PlacedBatches, place_batches
from ledger.settle.place_orders import place_orders
from ledger.store.documents import Documents


def a_line(number: str = "B-1", **changes: object) -> OrderLine:
    return replace(OrderLine(number, 10_000, 1, "carrier", f"orders.csv:{number}"), **changes)  # type: ignore[arg-type]


def placed(
    connection: Connection, documents: Documents, *lines: OrderLine, member: int = MERCHANT, **options: object
) -> PlacedBatches:
    who = acting(connection, member)
    return place_batches(connection, DEPLOYMENT, documents, who, lines, now=NOW, **options)  # type: ignore[arg-type]


def test_member_that_is_no_merchant_cannot_place(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotAllowed, match="may not place orders"):
        placed(connection, documents, a_line(), member=BANK)


def test_one_bad_order_refuses_all(connection: Connection, documents: Documents) -> None:
    with pytest.raises(BadInput, match=r"less than the fixed legs and floors of rule 1, which take 2.00"):
        placed(connection, documents, a_line(), a_line("B-2", amount_fen=199))
    with pytest.raises(BadDocument, match="2 of the orders are refused"):
        placed(connection, documents, a_line("B-2", amount_fen=0), a_line("B-3", rule=9))
    assert queued(connection) == []


def test_number_that_stands_with_other_terms_is_a_conflict(connection: Connection, documents: Documents) -> None:
    an_order(connection, "B-1")
    with pytest.raises(Conflict, match=r"B-1 was used before with other content: 100.00 yuan"):
        placed(connection, documents, a_line(amount_fen=9_000))


@pytest.mark.parametrize("state", ["placed", "paid"])
def test_number_in_another_batch_is_a_conflict(connection: Connection, documents: Documents, state: str) -> None:
    a_batch(connection, documents, state=state)
    with pytest.raises(Conflict, match="B-1 was used before"):
        placed(connection, documents, a_line(amount_fen=9_000))


def test_number_in_a_paid_batch_cannot_be_placed_alone(connection: Connection, documents: Documents) -> None:
    a_batch(connection, documents)
    with pytest.raises(Conflict, match="B-1 was used before"):
        place_orders(connection, DEPLOYMENT, acting(connection, MERCHANT), [a_line(amount_fen=9_000)], now=NOW)


def test_faulty_orders_are_listed_where_the_others_may_proceed(connection: Connection, documents: Documents) -> None:
    result = placed(connection, documents, a_line(), a_line("B-2", amount_fen=1), behaviour="proceed")
    assert [batch.terms.count for batch in result.new] == [1]
    assert len(result.refused) == 1


def test_orders_go_by_rule_and_carrier_a_thousand_a_batch(connection: Connection, documents: Documents) -> None:
    a_rule(connection, rule=2)
    lines = [a_line(f"B-{n}", rule=1 + n % 2, amount_fen=1_000 + n) for n in range(2_006)]
    result = placed(connection, documents, *lines, a_line("C-1", carrier="courier"))
    assert [(batch.terms.rule, batch.terms.carrier, batch.terms.count) for batch in result.new] == [
        (1, CARRIER, 1_000),
        (1, CARRIER, 3),
        (2, CARRIER, 1_000),
        (2, CARRIER, 3),
        (1, 7, 1),
    ]
    assert [row.function for row in queued(connection)] == ["placeBatch"] * 5


def test_transaction_names_the_manifest_in_the_store(connection: Connection, documents: Documents) -> None:
    (batch,) = placed(connection, documents, a_line(), a_line("B-2", amount_fen=70_000)).new
    (row,) = queued(connection)
    terms = arguments(row)["terms"]
    assert (terms["manifest"].hex(), terms["totalFen"], terms["width"]) == (batch.terms.manifest, 80_000, 3)
    manifest = read_batch_manifest(documents.get(batch.terms.manifest))
    assert manifest == BatchManifest(MERCHANT, ("B-1", "B-2"), (10_000, 70_000))


def test_same_orders_again_change_nothing(connection: Connection, documents: Documents) -> None:
    lines = [a_line(), a_line("B-2")]
    placed(connection, documents, *lines)
    again = placed(connection, documents, *lines, a_line("B-3"))
    assert again.repeated == ("B-1", "B-2")
    assert [batch.terms.count for batch in again.new] == [1]
    assert len(queued(connection)) == 2


def test_orders_that_stand_in_a_batch_are_repeats(connection: Connection, documents: Documents) -> None:
    identity = a_batch(connection, documents)
    again = placed(connection, documents, a_line("B-0"), a_line("B-1", amount_fen=10_001))
    assert (again.new, again.repeated) == ((), ("B-0", "B-1"))
    assert batch_named(connection, identity[:8]).batch_id == identity


def test_orders_with_campaigns_are_refused_in_batches(connection: Connection, documents: Documents) -> None:
    with pytest.raises(BadInput, match="B-1 has campaigns, which serve no orders in batches"):
        placed(connection, documents, a_line(campaigns=(1,)))
