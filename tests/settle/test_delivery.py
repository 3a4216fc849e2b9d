"""Delivery: only the carrier that the order pins, only what is paid, with evidence; and what it settles."""

from __future__ import annotations

import hashlib
import json

import pytest
from row_builders import (
    BANK,
    CARRIER,
    DEPLOYMENT,
    LEGS,
    MERCHANT,
    MERCHANTS_GLN,
    NOW,
    OTHER_CARRIER,
    OTHER_MERCHANT,
    PLATFORM,
    a_rule,
    a_session,
    acting,
    an_order,
    arguments,
    queued,
)
from sqlalchemy import Connection

from ledger.errors import BadInput, Conflict, NotAllowed, NotFound
from ledger.settle.deliver_by_event import queue_deliveries_by_event
from ledger.settle.delivery import Checkpoint, DeliveredOrders, deliver_checkpoint
from ledger.settle.settle_delivered import settle_delivered
from ledger.settle.split import pack_legs
from ledger.store.documents import Documents

COMMITMENT = "ab" * 32


def a_checkpoint(*numbers: str) -> Checkpoint:
    return Checkpoint(tuple((MERCHANT, number) for number in numbers), "2026-04-20T17:00:00+08:00", "成都市 3 号门")


def delivered(
    connection: Connection, documents: Documents, *numbers: str, member: int = CARRIER, settle: bool = True
) -> DeliveredOrders:
    return deliver_checkpoint(
        connection,
        DEPLOYMENT,
        documents,
        acting(connection, member),
        a_checkpoint(*numbers),
        now=NOW,
        settle=settle,
    )


def by_event(
    connection: Connection,
    identity: str,
    *,
    kind: str | None = "po",
    step: str | None = "arriving",
    member: int = CARRIER,
    scope: str = "capture deliver",
) -> list[str]:
    """Ids of the orders that an event's delivery was queued for."""
    carrier = acting(connection, member).member
    queue_deliveries_by_event(
        connection, DEPLOYMENT, carrier, [(kind, identity)], step, COMMITMENT, a_session(member, scope), NOW
    )
    return ["0x" + order.hex() for row in queued(connection) for order in arguments(row)["orders"]]


def test_member_that_is_no_carrier_cannot_deliver(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    with pytest.raises(NotAllowed, match="may not deliver orders"):
        delivered(connection, documents, "A-1", member=BANK)


def test_another_carrier_cannot_deliver(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    with pytest.raises(NotAllowed, match="Order A-1 is delivered by member 3, not by Courier"):
        delivered(connection, documents, "A-1", member=OTHER_CARRIER)


def test_order_that_is_not_paid_cannot_be_delivered(connection: Connection, documents: Documents) -> None:
    an_order(connection, state="placed")
    with pytest.raises(Conflict, match="not paid yet"):
        delivered(connection, documents, "A-1")


def test_unknown_order_cannot_be_delivered(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotFound, match="no order A-9"):
        delivered(connection, documents, "A-9")


def test_one_bad_order_refuses_the_checkpoint(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    with pytest.raises(NotFound):
        delivered(connection, documents, "A-1", "A-9")
    assert queued(connection) == []


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint((), "2026-04-20T18:00:00+08:00", "x"),
        Checkpoint(((1, "A-1"),), "2026-04-20T18:00:00+08:00", " "),
        Checkpoint(((1, "A-1"),), "2026-04-20T18:00:00", "x"),
        Checkpoint(((1, "A-1"),), "yesterday", "x"),
    ],
)
def test_checkpoint_without_orders_place_or_time_with_its_zone_is_refused(
    connection: Connection, documents: Documents, checkpoint: Checkpoint
) -> None:
    with pytest.raises(BadInput):
        deliver_checkpoint(connection, DEPLOYMENT, documents, acting(connection, CARRIER), checkpoint, now=NOW)


def test_delivery_and_settlement_ride_in_one_transaction_with_the_pinned_legs(
    connection: Connection, documents: Documents
) -> None:
    identity = an_order(connection)
    result = delivered(connection, documents, "A-1")
    (row,) = queued(connection)
    sent = arguments(row)
    assert row.function == "deliverAndSettle"
    assert ["0x" + order.hex() for order in sent["orders"]] == [identity]
    assert sent["evidence"].hex() == result.evidence
    assert sent["legs"] == pack_legs(LEGS)


def test_evidence_is_the_checkpoint_in_the_document_store(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    evidence = delivered(connection, documents, "A-1").evidence
    data = documents.get(evidence)
    assert hashlib.sha256(data).hexdigest() == evidence
    assert json.loads(data)["orders"] == [{"merchant": MERCHANT, "number": "A-1"}]


def test_orders_of_two_rule_versions_settle_apart(connection: Connection, documents: Documents) -> None:
    a_rule(connection, version=2, legs=LEGS[1:], base=1)
    an_order(connection, "A-1")
    an_order(connection, "A-2", version=2)
    delivered(connection, documents, "A-1", "A-2")
    assert [arguments(row)["legs"] for row in queued(connection)] == [pack_legs(LEGS), pack_legs(LEGS[1:])]


def test_same_checkpoint_again_changes_nothing(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    first, again = delivered(connection, documents, "A-1"), delivered(connection, documents, "A-1")
    assert (first.new, again.repeated, again.outbox_ids) == (("A-1",), ("A-1",), ())
    assert len(queued(connection)) == 1


def test_order_settled_before_is_a_repeat(connection: Connection, documents: Documents) -> None:
    an_order(connection, state="settled")
    assert delivered(connection, documents, "A-1").repeated == ("A-1",)


# --- by an EPCIS event -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        (f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1", "po"),
        (f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1", "desadv"),
        (f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A%2D1", None),
        ("https://shop.example.cn/orders/A-1", "po"),
        ("https://shop.example.cn/orders/A-1/", None),
        ("https://shop.example.cn/orders/A-1", "https://shop.example.cn/types/order"),
        ("https://id.gs1.org/253/6901234000009A-1", "https://ref.gs1.org/cbv/BTT-po"),
        ("urn:example:order:A-1", "urn:epcglobal:cbv:btt:po"),
    ],
)
def test_event_that_names_the_order_delivers_and_settles_it(
    connection: Connection, identity: str, kind: str | None
) -> None:
    order = an_order(connection)
    assert by_event(connection, identity, kind=kind) == [order]
    assert arguments(queued(connection)[0])["evidence"].hex() == COMMITMENT


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        ("urn:epcglobal:cbv:bt:6901234000016:A-1", "po"),  # a location that nobody holds
        (f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-10", "po"),
        ("https://shop.example.cn/orders/A-10", "po"),
        ("https://carrier.example.cn/waybills/A-1", "bol"),
        ("https://shop.example.cn/invoices/A-1", "https://ref.gs1.org/cbv/BTT-inv"),
    ],
)
def test_event_that_names_something_else_delivers_nothing(
    connection: Connection, identity: str, kind: str | None
) -> None:
    an_order(connection)
    assert by_event(connection, identity, kind=kind) == []


@pytest.mark.parametrize("step", ["shipping", "departing", "loading", "transporting"])
def test_event_before_the_goods_are_there_delivers_nothing(connection: Connection, step: str) -> None:
    an_order(connection)
    assert by_event(connection, f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1", step=step) == []


def test_event_of_another_carrier_delivers_nothing(connection: Connection) -> None:
    an_order(connection)
    assert by_event(connection, f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1", member=OTHER_CARRIER) == []


def test_event_under_a_session_that_does_not_cover_delivery_delivers_nothing(connection: Connection) -> None:
    an_order(connection)
    assert by_event(connection, f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1", scope="capture") == []


def test_event_that_names_an_unpaid_order_delivers_nothing(connection: Connection) -> None:
    an_order(connection, state="placed")
    assert by_event(connection, f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1") == []


def test_number_that_two_merchants_use_needs_the_merchants_location(connection: Connection) -> None:
    order = an_order(connection)
    an_order(connection, merchant=OTHER_MERCHANT)
    assert by_event(connection, "https://shop.example.cn/orders/A-1") == []
    assert by_event(connection, f"urn:epcglobal:cbv:bt:{MERCHANTS_GLN}:A-1") == [order]


# --- the keeper ------------------------------------------------------------------------------------------------------


def keep(connection: Connection) -> list[int]:
    return settle_delivered(connection, DEPLOYMENT, acting(connection, PLATFORM), now=NOW)


def test_keeper_settles_what_is_delivered_and_nothing_else(connection: Connection) -> None:
    waiting = an_order(connection, "A-1", state="delivered", delivered_block=20)
    an_order(connection, "A-2", state="paid")
    an_order(connection, "A-3", state="settled")
    keep(connection)
    (row,) = queued(connection)
    assert row.function == "settle"
    assert ["0x" + order.hex() for order in arguments(row)["orders"]] == [waiting]


def test_keeper_run_again_queues_nothing(connection: Connection) -> None:
    an_order(connection, state="delivered", delivered_block=20)
    assert len(keep(connection)) == 1
    assert keep(connection) == []


def test_keeper_leaves_alone_what_a_delivery_settles_already(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    delivered(connection, documents, "A-1")
    connection.exec_driver_sql("UPDATE orders SET state = 'delivered', delivered_block = 20")
    assert keep(connection) == []


def test_delivery_without_settlement_is_the_keepers_to_settle(connection: Connection, documents: Documents) -> None:
    an_order(connection)
    delivered(connection, documents, "A-1", settle=False)
    assert queued(connection)[0].function == "deliver"
    connection.exec_driver_sql("UPDATE orders SET state = 'delivered', delivered_block = 20")
    assert len(keep(connection)) == 1
