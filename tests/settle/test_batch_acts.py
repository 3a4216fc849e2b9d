"""What is done to a batch: paid by the bank, delivered by its carrier, refunded and taken apart by its merchant."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from batch_builders import a_batch, change_order, taken_out
from row_builders import (
    BANK,
    CARRIER,
    DEPLOYMENT,
    LEGS,
    MERCHANT,
    NOW,
    OTHER_CARRIER,
    OTHER_MERCHANT,
    PLATFORM,
    a_rule,
    a_session,
    acting,
    arguments,
    queued,
)
from sqlalchemy import Connection, update

from ledger.errors import BadInput, Conflict, NotAllowed, NotFound
from ledger.settle.batch_rows import batch_named
from ledger.settle.deliver_by_event import queue_deliveries_by_event
from ledger.settle.delivery import Checkpoint, deliver_checkpoint
from ledger.settle.packed_amounts import positions_in
from ledger.settle.pay_batch import BatchPayment, ConfirmedBatch, pay_batch
from ledger.settle.refund_batch import RefundedInBatch, refund_batch
from ledger.settle.settle_batch import BatchCheckpoint, SettledInBatch, settle_batch
from ledger.settle.settle_delivered import settle_delivered
from ledger.settle.split import Leg, LegKind, pack_legs
from ledger.settle.take_out import TakenOut, take_out
from ledger.store import schema
from ledger.store.documents import Documents

TOTAL = 30_003
AT = "2026-04-20T17:00:00+08:00"
UNKNOWN = "0x" + "ab" * 28 + "00000000"


# --- naming ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["12345", "0x123", "B-1", "0x" + "g" * 64, ""])
def test_what_is_no_id_names_no_batch(connection: Connection, name: str) -> None:
    with pytest.raises(BadInput, match="names no batch"):
        batch_named(connection, name)


def test_unknown_batch_is_told(connection: Connection) -> None:
    with pytest.raises(NotFound, match="There is no batch"):
        batch_named(connection, UNKNOWN)


def test_beginning_of_several_is_a_conflict(connection: Connection, documents: Documents) -> None:
    for place, number in enumerate(("B-1", "C-1")):
        identity = a_batch(connection, documents, [number], state="placed")
        renamed = "0xabcdef" + f"{place}" * 50 + "00000000"
        this = schema.batch.c.batch_id == identity
        connection.execute(update(schema.batch).where(this).values(batch_id=renamed))
    with pytest.raises(Conflict, match="Several batches begin with abcdef"):
        batch_named(connection, "abcdef")
    assert batch_named(connection, "0xABCDEF11").batch_id.startswith("0xabcdef1")


# --- paying ----------------------------------------------------------------------------------------------------------


def paid(
    connection: Connection, documents: Documents, batch: str, *, total_fen: int = TOTAL, member: int = BANK
) -> ConfirmedBatch:
    payment = BatchPayment(batch, total_fen, "CMB-1")
    return pay_batch(connection, DEPLOYMENT, documents, acting(connection, member), payment, now=NOW)


def test_member_that_is_no_bank_cannot_confirm(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotAllowed, match="may not confirm payments"):
        paid(connection, documents, a_batch(connection, documents, state="placed"), member=MERCHANT)


def test_another_total_is_refused(connection: Connection, documents: Documents) -> None:
    with pytest.raises(BadInput, match=r"is of 300.03 yuan, and 300.00 were paid"):
        paid(connection, documents, a_batch(connection, documents, state="placed"), total_fen=30_000)


def test_payment_needs_a_reference(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed")
    payment = BatchPayment(batch, TOTAL, " ")
    with pytest.raises(BadInput, match="needs a bank's reference"):
        pay_batch(connection, DEPLOYMENT, documents, acting(connection, BANK), payment, now=NOW)


def test_bank_without_the_manifest_is_told_to_ask_for_it(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed")
    documents.file_of(batch_named(connection, batch).manifest).unlink()
    with pytest.raises(NotFound, match=r"manifest of batch .* is not here"):
        paid(connection, documents, batch)


def test_faulty_manifest_cannot_be_paid(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed", named=False, fault="The manifest lists 2 orders, not 3.")
    with pytest.raises(Conflict, match=r"cannot be paid. The manifest lists 2 orders"):
        paid(connection, documents, batch)


def test_order_below_the_fixed_legs_now_in_force_is_refused(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed")
    a_rule(connection, version=2, legs=(Leg(CARRIER, LegKind.FIXED, 10_001), LEGS[-1]), base=1)
    with pytest.raises(BadInput, match=r"Order B-0 of batch .* less than the 100.01"):
        paid(connection, documents, batch)


def test_bank_sends_the_amounts_of_the_manifest(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed")
    assert not paid(connection, documents, batch).repeated
    (row,) = queued(connection)
    said = arguments(row)
    assert (row.function, f"0x{said['batch'].hex()}", said["bankReference"]) == ("payBatch", batch, "CMB-1")
    assert said["amounts"].hex() == "271027112712"


def test_payment_again_changes_nothing(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents, state="placed")
    paid(connection, documents, batch)
    assert paid(connection, documents, batch).repeated
    assert len(queued(connection)) == 1
    assert paid(connection, documents, a_batch(connection, documents, ["C-0", "C-1", "C-2"])).repeated


# --- delivering ------------------------------------------------------------------------------------------------------


def settled(
    connection: Connection, documents: Documents, batch: str, *numbers: str, member: int = CARRIER, at: str = AT
) -> SettledInBatch:
    """All when no number is named."""
    checkpoint = BatchCheckpoint(batch, numbers or None, at, "成都市 3 号门")
    return settle_batch(connection, DEPLOYMENT, documents, acting(connection, member), checkpoint, now=NOW)


def test_member_that_is_no_carrier_cannot_deliver(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotAllowed, match="may not deliver orders"):
        settled(connection, documents, a_batch(connection, documents), member=BANK)


def test_another_carrier_cannot_deliver(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotAllowed, match="delivered by member 3, not by Courier"):
        settled(connection, documents, a_batch(connection, documents), member=OTHER_CARRIER)


def test_batch_that_is_not_paid_cannot_be_delivered(connection: Connection, documents: Documents) -> None:
    with pytest.raises(Conflict, match="is not paid yet"):
        settled(connection, documents, a_batch(connection, documents, state="placed"))


def test_unknown_number_refuses_the_checkpoint(connection: Connection, documents: Documents) -> None:
    with pytest.raises(NotFound, match="has no order B-9"):
        settled(connection, documents, a_batch(connection, documents), "B-0", "B-9")
    assert queued(connection) == []


def test_order_that_was_taken_out_is_not_delivered_in_its_batch(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    taken_out(connection, "B-1")
    with pytest.raises(Conflict, match="B-1 was taken out"):
        settled(connection, documents, batch, "B-1")
    assert settled(connection, documents, batch).new == ("B-0", "B-2")


def test_checkpoint_without_its_zone_or_orders_is_refused(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    with pytest.raises(BadInput, match="no time with a zone"):
        settled(connection, documents, batch, at="2026-04-20T17:00:00")
    none = BatchCheckpoint(batch, (), AT, "x")
    with pytest.raises(BadInput, match="names at least one order"):
        settle_batch(connection, DEPLOYMENT, documents, acting(connection, CARRIER), none, now=NOW)


def test_marked_orders_are_settled_with_the_pinned_legs(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    result = settled(connection, documents, batch, "B-2", "B-0")
    (row,) = queued(connection)
    said = arguments(row)
    assert (row.function, positions_in(said["delivered"])) == ("settleBatch", [0, 2])
    assert (said["chunks"].hex(), said["legs"]) == ("271027112712", pack_legs(LEGS))
    evidence = json.loads(documents.get(said["evidence"].hex()))
    assert (evidence["batch"], evidence["numbers"]) == (batch, ["B-0", "B-2"])
    assert result.new == ("B-0", "B-2")


def test_all_means_what_is_left_and_the_evidence_names_each(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    change_order(connection, "B-1", state="settled")
    result = settled(connection, documents, batch)
    assert (result.new, result.repeated) == (("B-0", "B-2"), ("B-1",))
    assert json.loads(documents.get(result.evidence))["numbers"] == ["B-0", "B-2"]


def test_delivery_again_changes_nothing(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    settled(connection, documents, batch, "B-0")
    again = settled(connection, documents, batch, "B-0")
    assert (again.new, again.repeated, again.outbox_ids) == ((), ("B-0",), ())
    assert settled(connection, documents, batch, "B-0", "B-1").new == ("B-1",)
    assert [positions_in(arguments(row)["delivered"]) for row in queued(connection)] == [[0], [1]]


# --- refunding and taking out ----------------------------------------------------------------------------------------


def refunded(
    connection: Connection, batch: str, *numbers: str, reason: str = "压坏了", member: int = MERCHANT
) -> RefundedInBatch:
    return refund_batch(connection, DEPLOYMENT, acting(connection, member), batch, numbers, reason, now=NOW)


def out(connection: Connection, batch: str, *numbers: str, member: int = MERCHANT) -> TakenOut:
    return take_out(connection, DEPLOYMENT, acting(connection, member), batch, numbers, now=NOW)


@pytest.mark.parametrize(("member", "sentence"), [(BANK, "may not"), (OTHER_MERCHANT, "is of member 1, not of Grocer")])
def test_only_its_merchant_refunds_or_takes_out(
    connection: Connection, documents: Documents, member: int, sentence: str
) -> None:
    batch = a_batch(connection, documents)
    with pytest.raises(NotAllowed, match=sentence):
        refunded(connection, batch, "B-0", member=member)
    with pytest.raises(NotAllowed, match=sentence):
        out(connection, batch, "B-0", member=member)


def test_refund_needs_a_reason_and_orders(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    with pytest.raises(BadInput, match="needs a reason"):
        refunded(connection, batch, "B-0", reason=" ")
    with pytest.raises(BadInput, match="No order is named"):
        refunded(connection, batch)


def test_order_that_was_taken_out_is_not_refunded_in_its_batch(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    taken_out(connection, "B-1")
    with pytest.raises(Conflict, match="B-1 was taken out"):
        refunded(connection, batch, "B-1")


def test_orders_are_refunded_whole_and_once(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    change_order(connection, "B-0", state="refunded")
    result = refunded(connection, batch, "B-0", "B-1", "B-2")
    assert (result.new, result.repeated, result.total_fen) == (("B-1", "B-2"), ("B-0",), 20_003)
    (row,) = queued(connection)
    said = arguments(row)
    assert (positions_in(said["marked"]), said["reason"], said["legs"]) == ([1, 2], "压坏了", pack_legs(LEGS))
    assert refunded(connection, batch, "B-1").repeated == ("B-1",)


def test_refunded_order_cannot_be_taken_out(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    change_order(connection, "B-0", state="refunded")
    with pytest.raises(Conflict, match="B-0 was refunded in full"):
        out(connection, batch, "B-0")


def test_orders_are_taken_out_once(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    taken_out(connection, "B-0")
    result = out(connection, batch, "B-0", "B-1")
    assert (result.new, result.repeated) == (("B-1",), ("B-0",))
    assert positions_in(arguments(queued(connection)[0])["marked"]) == [1]
    assert out(connection, batch, "B-1").new == ()


def test_many_are_taken_out_in_several_transactions(connection: Connection, documents: Documents) -> None:
    numbers = [f"B-{n}" for n in range(700)]
    result = out(connection, a_batch(connection, documents, numbers), *numbers)
    assert len(result.outbox_ids) == 3
    taken = [positions_in(arguments(row)["marked"]) for row in queued(connection)]
    assert [position for part in taken for position in part] == list(range(700))


# --- and the instant rail --------------------------------------------------------------------------------------------


def deliver(connection: Connection, documents: Documents, number: str) -> Sequence[str]:
    checkpoint = Checkpoint(((MERCHANT, number),), AT, "x")
    who = acting(connection, CARRIER)
    return deliver_checkpoint(connection, DEPLOYMENT, documents, who, checkpoint, now=NOW).new


def test_order_in_a_batch_is_not_delivered_alone(connection: Connection, documents: Documents) -> None:
    a_batch(connection, documents)
    with pytest.raises(Conflict, match="B-1 is in batch"):
        deliver(connection, documents, "B-1")


def test_event_that_names_an_order_in_a_batch_delivers_it_there_once(
    connection: Connection, documents: Documents
) -> None:
    batch = a_batch(connection, documents)
    carrier = acting(connection, CARRIER)
    assert carrier.authority is not None
    named = [("po", f"https://shop.example.cn/orders/{number}") for number in ("B-1", "B-2", "B-9")]
    rest = "ab" * 32, carrier.authority, NOW
    assert queue_deliveries_by_event(connection, DEPLOYMENT, carrier.member, named, "shipping", *rest) == []
    assert len(queue_deliveries_by_event(connection, DEPLOYMENT, carrier.member, named, "arriving", *rest)) == 1
    assert queue_deliveries_by_event(connection, DEPLOYMENT, carrier.member, named, "arriving", *rest) == []
    (row,) = queued(connection)
    said = arguments(row)
    assert (row.function, f"0x{said['batch'].hex()}") == ("settleBatch", batch)
    assert (positions_in(said["delivered"]), said["evidence"].hex()) == ([1, 2], "ab" * 32)


def test_event_of_a_session_that_may_not_deliver_delivers_nothing(connection: Connection, documents: Documents) -> None:
    a_batch(connection, documents)
    carrier, named = acting(connection, CARRIER).member, [("po", "https://shop.example.cn/orders/B-1")]
    rest = "ab" * 32, a_session(CARRIER, "capture"), NOW
    assert queue_deliveries_by_event(connection, DEPLOYMENT, carrier, named, "arriving", *rest) == []


def test_keeper_leaves_orders_in_a_batch_alone(connection: Connection, documents: Documents) -> None:
    a_batch(connection, documents)
    change_order(connection, "B-1", state="delivered", delivered_block=20)
    assert settle_delivered(connection, DEPLOYMENT, acting(connection, PLATFORM), now=NOW) == []


def test_order_that_was_taken_out_is_delivered_by_its_number(connection: Connection, documents: Documents) -> None:
    batch = a_batch(connection, documents)
    taken_out(connection, "B-1")
    assert deliver(connection, documents, "B-1") == ("B-1",)
    (order,) = arguments(queued(connection)[0])["orders"]
    assert f"0x{order.hex()}" == f"{batch[:58]}00000001"
