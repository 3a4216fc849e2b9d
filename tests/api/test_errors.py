"""Every error is a problem (RFC 9457) that says what is wrong, where, and what to do."""

from __future__ import annotations

import pytest
from api_scene import Served
from fastapi.exceptions import RequestValidationError

from api.errors import pointer, problem_of, status_of
from ledger.errors import (
    BadDocument,
    BadInput,
    BrokenEvidence,
    Conflict,
    NodeRefused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Reverted,
    SuyuanError,
    Unavailable,
    WrongPassword,
)

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput("x"), 400),
        (BadDocument("x", []), 400),
        (NotAuthenticated("x"), 401),
        (WrongPassword("x"), 401),
        (NotAllowed("x"), 403),
        (NotFound("x"), 404),
        (Conflict("x"), 409),
        (Reverted("x", error="OrderExists", args={}), 409),
        (Reverted("x", error="MissingRole", args={}), 403),
        (Unavailable("x"), 503),
        (NodeRefused("x"), 503),
        (BrokenEvidence("x"), 500),
        (SuyuanError("x"), 500),
    ],
)
def test_each_kind_of_error_has_its_status(error: SuyuanError, status: int) -> None:
    assert status_of(error) == status
    assert problem_of(error)["status"] == status


def test_problem_of_a_document_names_each_fault_with_its_place() -> None:
    error = BadDocument("Two events are refused.", [BadInput("a", where="/1"), BadInput("b", where="/2", hint="c")])
    problem = problem_of(error)
    assert problem["problems"] == [{"what": "a", "where": "/1"}, {"what": "b", "where": "/2", "hint": "c"}]


def test_problem_of_a_refusal_carries_the_contracts_values() -> None:
    error = Reverted("x", error="WrongPayment", args={"order": b"\x01" * 32, "expectedFen": 5, "actualFen": 2**60})
    problem = problem_of(error)
    assert problem["error"] == "WrongPayment"
    assert problem["values"] == {"order": "0x" + "01" * 32, "expectedFen": 5, "actualFen": str(2**60)}


def test_place_in_a_body_is_a_json_pointer() -> None:
    assert pointer(("body", "legs", 0, "a/b~c")) == "/legs/0/a~1b~0c"
    assert pointer(("query", "lot")) == "query lot"
    assert RequestValidationError([]).errors() == []


def test_unknown_address_is_a_problem(quiet: Served) -> None:
    answer = quiet.get("/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["where"] == "/nowhere"


def test_wrong_method_is_a_problem_that_names_the_right_ones(quiet: Served) -> None:
    answer = quiet.post("/healthz")
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert answer.headers["allow"] == "GET"


def test_missing_parameter_is_a_problem(quiet: Served) -> None:
    answer = quiet.get("/trace")
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert answer.json()["where"] == "query lot"
    assert answer.json()["detail"] == "This value is missing."


def test_body_beyond_the_limit_is_refused(quiet: Served) -> None:
    answer = quiet.post("/epcis/capture", as_="farm", content=b" " * (8 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


def test_person_gets_a_page_and_a_program_a_problem(quiet: Served) -> None:
    page = quiet.page("/nowhere", "zh-CN")
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'lang="zh-Hans"' in page.text
    assert "没有找到" in page.text
    assert quiet.get("/nowhere", headers={"Accept": "application/json"}).headers["content-type"] == PROBLEM


def test_unexpected_error_shows_no_stack_and_no_secret(quiet: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the secret of the farm")

    monkeypatch.setattr("api.routes.trace.find_lots", fails)
    answer = quiet.get("/trace?lot=A")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "log entry" in answer.json()["hint"]


def test_node_that_is_away_is_named_by_readiness(served: Served) -> None:
    served.lose_nodes()
    answer = served.get("/readyz")
    assert answer.status_code == 503
    assert "node" in answer.json()["missing"]
    assert served.get("/healthz").json() == {"status": "ok"}
