"""Orders from placing to settlement, rules, withdrawals, codes and recalls: what the API queues, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from api_scene import LETTUCE, SALAD, Served
from sqlalchemy import func, select

from ledger.chain.typed_data import sign_message
from ledger.store.schema import outbox


@pytest.fixture
def ruled(served: Served) -> Served:
    """The merchant has rule 1 in force."""
    served.scene.a_rule()
    return served


def an_order(number: str = "2001", **other: Any) -> dict[str, Any]:
    return {"number": number, "amount_fen": 12345, "rule": 1, "carrier": "carrier", **other}


def queued(served: Served) -> int:
    with served.scene.ledger.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


# --- orders: refusals ---


@pytest.mark.parametrize(
    ("order", "status", "where"),
    [
        (an_order(amount_fen=-1), 400, "order 1"),
        (an_order(amount_fen=0), 400, "order 1"),
        (an_order(amount_fen=9 * 10**14 + 1), 400, "order 1"),
        (an_order(amount_fen=12.5), 422, "/amount_fen"),
        (an_order(amount_fen="12345"), 422, "/amount_fen"),
        (an_order(amount_fen=True), 422, "/amount_fen"),
        ({"number": "1", "rule": 1, "carrier": "carrier"}, 422, "/amount_fen"),
        (an_order(discount=5), 422, "/discount"),
        (an_order(amount_fen=29), 400, "order 1"),  # below the fixed leg of 30 fen
        (an_order(rule=7), 400, "order 1"),
        (an_order(carrier="nobody"), 400, "order 1"),
        (an_order(carrier="farm"), 400, "order 1"),
        (an_order(number=""), 400, "order 1"),
    ],
)
def test_order_that_cannot_be_is_refused_with_its_place(
    module_ruled: Served, order: dict[str, Any], status: int, where: str
) -> None:
    answer = module_ruled.post("/orders", as_="merchant", json=order)
    assert (answer.status_code, answer.json()["where"]) == (status, where), answer.text
    assert answer.json()["detail"]
    assert queued(module_ruled) == 0


TWO_AMOUNTS = b'{"number": "1", "amount_fen": 500, "amount_fen": 50000, "rule": 1, "carrier": "carrier"}'
HALF_A_CHARACTER = b'{"number": "1\\ud800", "amount_fen": 500, "rule": 1, "carrier": "carrier"}'
LONG_NUMBER = b'{"number": "1", "amount_fen": ' + b"9" * 5000 + b', "rule": 1, "carrier": "carrier"}'


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"12", b"[1]", b"\xff", b'{"orders": []}', TWO_AMOUNTS, HALF_A_CHARACTER, LONG_NUMBER],
)
def test_body_that_is_no_order_is_refused(module_ruled: Served, body: bytes) -> None:
    assert module_ruled.post("/orders", as_="merchant", content=body).status_code in (400, 422)
    assert queued(module_ruled) == 0


@pytest.fixture(scope="module")
def module_ruled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """As `ruled`, shared by refusals: they write nothing."""
    from api_scene import make_scene, serving

    scene = make_scene(tmp_path_factory.mktemp("ruled") / "home")
    scene.a_rule()
    with serving(scene) as running:
        yield running


def test_member_that_is_no_merchant_cannot_order(module_ruled: Served) -> None:
    assert module_ruled.post("/orders", as_="farm", json=an_order()).status_code == 403


def test_one_faulty_order_refuses_all_unless_told_to_proceed(ruled: Served) -> None:
    both = [an_order(), an_order("2002", amount_fen=-5)]
    assert ruled.post("/orders", as_="merchant", json=both).status_code == 400
    assert queued(ruled) == 0
    answer = ruled.post("/orders?behaviour=proceed", as_="merchant", json=both)
    assert answer.status_code == 202
    assert (answer.json()["new"], len(answer.json()["refused"])) == (["2001"], 1)


def test_used_number_with_other_content_is_a_conflict(ruled: Served) -> None:
    ruled.post("/orders", as_="merchant", json=an_order())
    answer = ruled.post("/orders", as_="merchant", json=an_order(amount_fen=54321))
    assert answer.status_code == 409
    assert "2001" in answer.json()["detail"]


# --- orders: what works ---


def test_order_is_queued_once_and_its_repeat_says_so(ruled: Served) -> None:
    first = ruled.post("/orders", as_="merchant", json=an_order())
    again = ruled.post("/orders", as_="merchant", json={"orders": [an_order()]})
    assert (first.status_code, first.json()["new"]) == (202, ["2001"])
    assert (again.status_code, again.json()["repeated"]) == (200, ["2001"])
    assert queued(ruled) == 1
    assert ruled.get("/orders/2001", as_="merchant").json()["state"] == "queued"


def test_order_is_its_merchants_alone_and_explained(ruled: Served) -> None:
    legs = ruled.scene.a_rule()
    ruled.scene.place("A/1", 12345)
    ruled.scene.pay("A/1", legs)
    ruled.scene.deliver_and_settle("A/1", legs)
    assert ruled.get("/orders/A/1").status_code == 401
    assert ruled.get("/orders/A/1", as_="creator").status_code == 404
    order = ruled.get("/orders/A/1", as_="merchant").json()
    assert (order["state"], order["version"], order["carrier"]) == ("settled", 1, "carrier")
    assert [line["amount_fen"] for line in order["split"]] == [30, 1481, 10834]
    assert [line["credited_fen"] for line in order["split"]] == [30, 1481, 10834]


def test_payment_of_another_amount_is_refused(ruled: Served) -> None:
    ruled.scene.place("2001", 500)
    said = {"merchant": "merchant", "number": "2001", "amount_fen": 499, "bank_reference": "R1"}
    answer = ruled.post("/payments", as_="bank", json=said)
    assert answer.status_code == 400
    assert ruled.post("/payments", as_="merchant", json={**said, "amount_fen": 500}).status_code == 403
    assert queued(ruled) == 0


def test_payment_is_confirmed_once(ruled: Served) -> None:
    ruled.scene.place("2001", 500)
    said = {"merchant": "merchant", "number": "2001", "amount_fen": 500, "bank_reference": "R1"}
    first, again = (ruled.post("/payments", as_="bank", json=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["repeated"] == ["2001"]


# --- refunds ---


def a_refund(number: str = "2001", amount_fen: int | None = 500, **other: Any) -> dict[str, Any]:
    refunds = [{"number": number, "amount_fen": amount_fen, "reason": "叶子黄了"}]
    return {"reference": "complaint 1", "refunds": refunds, **other}


@pytest.fixture
def paid(ruled: Served) -> Served:
    """Order 2001 is paid."""
    ruled.scene.place("2001", 12345)
    ruled.scene.pay("2001", ruled.scene.a_rule())
    return ruled


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (a_refund("2009"), 404),
        (a_refund(amount_fen=12346), 400),
        (a_refund(amount_fen=0), 400),
        (a_refund(reference=""), 400),
        (a_refund(refunds=[]), 422),
        (a_refund(refunds=[{"number": "2001", "reason": "late"}]), 422),
        (a_refund(because="late"), 422),
    ],
)
def test_refund_that_cannot_be_is_refused(paid: Served, said: dict[str, Any], status: int) -> None:
    answer = paid.post("/orders/refunds", as_="merchant", json=said)
    assert answer.status_code == status, answer.text
    assert queued(paid) == 0


def test_order_that_is_not_paid_is_not_refunded(ruled: Served) -> None:
    ruled.scene.place("2001", 12345)
    assert ruled.post("/orders/refunds", as_="merchant", json=a_refund()).status_code == 409


def test_refund_is_queued_once_and_its_repeat_says_so(paid: Served) -> None:
    first, again = (paid.post("/orders/refunds", as_="merchant", json=a_refund(amount_fen=None)) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["refunds"] == again.json()["refunds"]
    assert first.json()["refunds"] == [{"number": "2001", "refund": 1, "amount_fen": 12345, "reason": "叶子黄了"}]
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert queued(paid) == 1
    other = paid.post("/orders/refunds", as_="merchant", json=a_refund(amount_fen=1))
    assert other.status_code == 409


def test_order_tells_its_refunds(paid: Served) -> None:
    paid.scene.refund("2001", 1, 345, settled=False)
    paid.scene.refund("2001", 2, 2000, settled=False, reason="late")
    order = paid.get("/orders/2001", as_="merchant").json()
    assert (order["state"], order["refunded_fen"]) == ("paid", 2345)
    told = [(one["refund"], one["amount_fen"], one["reason"], one["state"]) for one in order["refunds"]]
    assert told == [(1, 345, "叶子黄了", "requested"), (2, 2000, "late", "requested")]
    assert [one["closed_at"] for one in order["refunds"]] == [None, None]


# --- payments, deliveries ---


def a_checkpoint(**other: Any) -> dict[str, Any]:
    orders = [{"merchant": "merchant", "number": "2001"}]
    return {"orders": orders, "at": "2026-04-20T09:30:00+08:00", "place": "Door 3", **other}


def test_only_the_orders_carrier_delivers(ruled: Served) -> None:
    legs = ruled.scene.a_rule()
    ruled.scene.place("2001", 500)
    assert ruled.post("/checkpoints", as_="carrier", json=a_checkpoint()).status_code == 409  # not paid
    ruled.scene.pay("2001", legs)
    assert ruled.post("/checkpoints", as_="farm", json=a_checkpoint()).status_code == 403
    assert ruled.post("/checkpoints", as_="carrier", json=a_checkpoint(at="noon")).json()["where"] == "/at"
    first, again = (ruled.post("/checkpoints", as_="carrier", json=a_checkpoint()) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert ruled.scene.ledger.documents.has(first.json()["evidence"])


def test_nothing_to_settle_is_no_error(ruled: Served) -> None:
    answer = ruled.post("/settlements", as_="farm")
    assert (answer.status_code, answer.json()) == (200, {"transactions": []})


# --- rules ---


def test_rule_whose_shares_exceed_the_whole_is_refused(module_ruled: Served) -> None:
    legs = [
        {"payee": "creator", "kind": "share", "value": 6000},
        {"payee": "farm", "kind": "share", "value": 6000},
        {"payee": "merchant", "kind": "residual"},
    ]
    answer = module_ruled.post("/rules", as_="merchant", json={"legs": legs})
    assert answer.status_code == 400
    assert "12,000" in answer.json()["detail"]


def test_rule_is_proposed_once(ruled: Served) -> None:
    said = {"legs": [{"payee": "merchant", "kind": "residual"}]}
    first, again = (ruled.post("/rules", as_="merchant", json=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)


def test_version_is_read_by_its_parties_and_signed_through_anyone(ruled: Served) -> None:
    assert ruled.get("/rules/1/1", as_="cooler").status_code == 403
    version = ruled.get("/rules/1/1", as_="creator").json()
    assert [leg["payee"] for leg in version["legs"]] == ["carrier", "creator", "merchant"]
    signature = "0x" + sign_message(version["message"], ruled.scene.keys["creator"]).hex()
    forged = "0x" + sign_message(version["message"], ruled.scene.keys["cooler"]).hex()
    said = {"member": "creator", "signature": forged}
    assert ruled.post("/rules/1/1/signatures", json=said).status_code == 401
    first, again = (ruled.post("/rules/1/1/signatures", json={**said, "signature": signature}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    with ruled.scene.ledger.engine.connect() as connection:
        assert connection.execute(select(outbox.c.account)).scalar_one() == ruled.scene.ledger.relay_account


# --- withdrawals, codes, recalls ---


def test_withdrawal_of_more_than_is_there_is_refused(ruled: Served) -> None:
    answer = ruled.post("/withdrawals", as_="creator", json={"amount_fen": 1, "reference": "x"})
    assert answer.status_code == 400
    assert queued(ruled) == 0


def test_withdrawal_is_queued_once(ruled: Served) -> None:
    legs = ruled.scene.a_rule()
    ruled.scene.place("2001", 10000)
    ruled.scene.pay("2001", legs)
    ruled.scene.deliver_and_settle("2001", legs)
    said = {"amount_fen": 1000, "reference": "april"}
    first, again = (ruled.post("/withdrawals", as_="creator", json=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    told = ruled.get("/withdrawals", as_="creator").json()
    assert (told["available_fen"], told["free_to_withdraw_fen"]) == (1200, 200)


def test_codes_are_made_by_the_owner_once(ruled: Served) -> None:
    said = {"gtin": SALAD, "lot": "S1", "count": 3, "batch": "morning"}
    assert ruled.post("/items", as_="farm", json=said).status_code == 403
    first, again = (ruled.post("/items", as_="processor", json=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["uris"] == again.json()["uris"]
    assert first.json()["uris"][0].startswith(f"{ruled.url}/01/{SALAD}/10/S1/21/")
    assert ruled.post("/items", as_="processor", json={**said, "count": 4}).status_code == 409


def test_lot_is_recalled_by_its_owner_with_a_reason(ruled: Served) -> None:
    said = {"gtin": LETTUCE, "lot": "L1", "reason": "Listeria"}
    assert ruled.post("/recalls", as_="cooler", json=said).status_code == 403
    assert ruled.post("/recalls", as_="farm", json={**said, "reason": " "}).json()["where"] == "/reason"
    assert ruled.post("/recalls", as_="farm", json={**said, "gtin": LETTUCE[:-1] + "0"}).json()["where"] == "/gtin"
    assert ruled.post("/recalls/close", as_="farm", json={"gtin": LETTUCE, "lot": "L1"}).status_code == 404
    assert [ruled.post("/recalls", as_="farm", json=said).status_code for _ in range(2)] == [202, 200]
    ruled.scene.recall(LETTUCE, "L1", "Listeria")
    assert ruled.post("/recalls", as_="farm", json=said).json()["repeated"] is True
    assert ruled.post("/recalls/close", as_="farm", json={"gtin": LETTUCE, "lot": "L1"}).status_code == 202


def test_openapi_describes_every_route_in_words(module_ruled: Served) -> None:
    paths = module_ruled.get("/openapi.json").json()["paths"]
    assert {"/epcis/capture", "/orders", "/stream", "/trace", "/verify", "/grants"} <= set(paths)
    operations = [one for path in paths.values() for one in path.values()]
    assert all(len(one["summary"]) > 10 for one in operations)
