"""Orders by the batch: what the API queues, and what it refuses."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from api_scene import Served
from sqlalchemy import func, select

from ledger.store.schema import outbox

SEEN = {"at": "2026-04-20T10:00:00+08:00", "place": "Guangzhou"}


@pytest.fixture
def ruled(served: Served) -> Served:
    """The merchant has rule 1 in force."""
    served.scene.a_rule()
    return served


@pytest.fixture
def placed(served: Served) -> tuple[Served, str]:
    """A batch of three orders, not paid."""
    served.scene.a_rule()
    return served, f"0x{served.scene.batch_id(served.scene.place_batch('L-0', 'L-1', 'L-2')).hex()}"


@pytest.fixture
def paid(served: Served) -> tuple[Served, str]:
    """The same, paid."""
    legs = served.scene.a_rule()
    terms = served.scene.place_batch("L-0", "L-1", "L-2")
    served.scene.pay_batch(terms, legs)
    return served, f"0x{served.scene.batch_id(terms).hex()}"


def an_order(number: str, **other: Any) -> dict[str, Any]:
    return {"number": number, "amount_fen": 12_345, "rule": 1, "carrier": "carrier", **other}


def queued(served: Served) -> int:
    with served.scene.ledger.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


# --- refusals ---


def test_orders_that_cannot_be_are_refused_with_their_place_and_nothing_is_queued(ruled: Served) -> None:
    orders = [an_order("1"), an_order("2", amount_fen=29)]  # below the fixed leg of 30 fen
    answer = ruled.post("/batches", as_="merchant", json={"orders": orders})
    assert (answer.status_code, answer.json()["where"]) == (400, "order 2")
    assert ruled.post("/batches", as_="merchant", json={"orders": []}).status_code == 422
    assert ruled.post("/batches", as_="farm", json={"orders": orders}).status_code == 403
    assert queued(ruled) == 0


def test_number_of_an_order_in_an_unpaid_batch_is_used(placed: tuple[Served, str]) -> None:
    served, _ = placed
    for path, body in (("/orders", an_order("L-1")), ("/batches", {"orders": [an_order("L-1")]})):
        answer = served.post(path, as_="merchant", json=body)
        assert (answer.status_code, "used before" in answer.json()["detail"]) == (409, True), answer.text
    assert queued(served) == 0


@pytest.mark.parametrize("path", ["refunds", "taken-out", "checkpoints"])
def test_nothing_is_done_with_orders_of_a_batch_that_is_not_paid(placed: tuple[Served, str], path: str) -> None:
    served, batch = placed
    who, body = (
        ("carrier", {"numbers": ["L-0"], **SEEN}) if path == "checkpoints" else ("merchant", {"numbers": ["L-0"]})
    )
    body |= {"reason": "late"} if path == "refunds" else {}
    answer = served.post(f"/batches/{batch}/{path}", as_=who, json=body)
    assert (answer.status_code, "not paid yet" in answer.json()["detail"]) == (409, True), answer.text
    assert queued(served) == 0


def test_batch_is_read_by_those_who_have_a_part_in_it(paid: tuple[Served, str]) -> None:
    served, batch = paid
    heard = {
        who: served.get(f"/batches/{batch}", as_=who).status_code for who in ("merchant", "carrier", "bank", "farm")
    }
    assert heard == {"merchant": 200, "carrier": 200, "bank": 200, "farm": 404}
    assert served.get("/batches/nothing", as_="merchant").status_code == 400
    assert served.get("/batches/0123456789", as_="merchant").status_code == 404
    assert served.get(f"/batches/{batch}/orders/L-9", as_="merchant").status_code == 404


def test_order_in_a_batch_is_refunded_and_delivered_there(paid: tuple[Served, str]) -> None:
    served, batch = paid
    wanted = {"reference": "c1", "refunds": [{"number": "L-0", "amount_fen": 1, "reason": "late"}]}
    alone = served.post("/orders/refunds", as_="merchant", json=wanted)
    assert (alone.status_code, batch[2:10] in alone.json()["detail"]) == (409, True), alone.text
    checkpoint = {"orders": [{"merchant": "merchant", "number": "L-0"}], **SEEN}
    answer = served.post("/checkpoints", as_="carrier", json=checkpoint)
    assert (answer.status_code, batch[2:10] in answer.json()["detail"]) == (409, True), answer.text
    assert queued(served) == 0


# --- acts ---


def test_batch_is_placed_once(ruled: Served) -> None:
    body = {"orders": [an_order("1"), an_order("2", amount_fen=500)]}
    answer = ruled.post("/batches", as_="merchant", json=body)
    assert answer.status_code == 202, answer.text
    (batch,) = answer.json()["batches"]
    assert (batch["count"], batch["total_fen"], len(answer.json()["transactions"])) == (2, 12_845, 1)
    again = ruled.post("/batches", as_="merchant", json=body)
    assert (again.status_code, again.json()["repeated"], again.json()["batches"]) == (200, ["1", "2"], [])
    assert queued(ruled) == 1


def test_good_orders_of_a_list_are_placed_where_that_is_asked_for(ruled: Served) -> None:
    body = {"orders": [an_order("1"), an_order("2", carrier="nobody")]}
    answer = ruled.post("/batches?behaviour=proceed", as_="merchant", json=body).json()
    assert [batch["count"] for batch in answer["batches"]] == [1]
    assert [fault["where"] for fault in answer["refused"]] == ["order 2"]


def test_bank_confirms_a_batch_in_full_and_once(placed: tuple[Served, str]) -> None:
    served, batch = placed
    short = served.post(f"/batches/{batch}/payment", as_="bank", json={"total_fen": 30_002, "bank_reference": "B"})
    assert short.status_code == 400
    whole = {"total_fen": 30_003, "bank_reference": "B"}
    assert served.post(f"/batches/{batch}/payment", as_="bank", json=whole).status_code == 202
    assert served.post(f"/batches/{batch[:10]}/payment", as_="bank", json=whole).status_code == 200
    assert queued(served) == 1


def test_paid_batch_is_told_with_its_orders_and_its_manifest(paid: tuple[Served, str]) -> None:
    served, batch = paid
    told = served.get(f"/batches/{batch[:12]}", as_="merchant").json()
    assert (told["batch"], told["state"], told["count"], told["orders"]) == (batch, "paid", 3, {"paid": 3})
    manifest = served.get(told["manifest_at"], as_="carrier")
    assert hashlib.sha256(manifest.content).hexdigest() == told["manifest"]
    one = served.get(f"/batches/{batch}/orders/L-2", as_="merchant").json()
    assert (one["position"], one["amount_fen"], one["state"], one["taken_out"]) == (2, 10_002, "paid", False)


@pytest.mark.parametrize(
    ("path", "who", "body"),
    [
        ("refunds", "merchant", {"numbers": ["L-0", "L-2"], "reason": "late"}),
        ("taken-out", "merchant", {"numbers": ["L-0", "L-2"]}),
        ("checkpoints", "carrier", {"numbers": ["L-0", "L-2"], **SEEN}),
    ],
)
def test_act_on_orders_of_a_batch_is_queued_once(
    paid: tuple[Served, str], path: str, who: str, body: dict[str, Any]
) -> None:
    served, batch = paid
    other = "carrier" if who == "merchant" else "merchant"
    assert served.post(f"/batches/{batch}/{path}", as_=other, json=body).status_code == 403
    unknown = served.post(f"/batches/{batch}/{path}", as_=who, json={**body, "numbers": ["L-9"]})
    assert (unknown.status_code, "has no order L-9" in unknown.json()["detail"]) == (404, True)
    answer = served.post(f"/batches/{batch}/{path}", as_=who, json=body)
    assert (answer.status_code, answer.json()["new"]) == (202, ["L-0", "L-2"]), answer.text
    again = served.post(f"/batches/{batch}/{path}", as_=who, json=body)
    assert (again.status_code, again.json()["new"], again.json()["repeated"]) == (200, [], ["L-0", "L-2"])
    assert queued(served) == 1
