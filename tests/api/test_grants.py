"""Grants that members hand to the API, and take back."""

from __future__ import annotations

import time

from api_scene import Served
from sqlalchemy import select

from ledger.store.schema import outbox


def test_grant_signed_by_another_is_refused(served: Served) -> None:
    answer = served.post("/grants", as_="farm", json=served.scene.signed_grant("farm", by="cooler"))
    assert answer.status_code == 401
    assert served.get("/grants", as_="farm").json()["grants"] == []


def test_grant_of_another_member_is_refused(served: Served) -> None:
    assert served.post("/grants", as_="farm", json=served.scene.signed_grant("cooler")).status_code == 400


def test_grant_to_another_account_names_the_right_one(served: Served) -> None:
    said = {**served.scene.signed_grant("farm"), "delegate": served.scene.accounts["bank"]}
    answer = served.post("/grants", as_="farm", json=said)
    assert answer.status_code == 400
    assert served.scene.ledger.relay_account in answer.json()["hint"]


def test_grant_that_has_ended_or_names_unknown_acts_is_refused(served: Served) -> None:
    ended = served.scene.signed_grant("farm", until=int(time.time()) - 1)
    assert served.post("/grants", as_="farm", json=ended).json()["where"] == "/until"
    unknown = {**served.scene.signed_grant("farm"), "acts": 6}
    assert served.post("/grants", as_="farm", json=unknown).json()["where"] == "/acts"


def test_grant_that_is_malformed_is_told_by_place(served: Served) -> None:
    answer = served.post("/grants", as_="farm", json={"member": "1"})
    assert answer.status_code == 422
    assert {"/delegate", "/salt", "/signature"} <= {problem["where"] for problem in answer.json()["problems"]}


def test_grant_is_kept_once(served: Served) -> None:
    said = served.scene.signed_grant("farm")
    first, again = (served.post("/grants", as_="farm", json=said) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert len(served.get("/grants", as_="farm").json()["grants"]) == 1
    assert served.get("/grants", as_="cooler").json()["grants"] == []


def test_nobody_revokes_anothers_grant(served: Served) -> None:
    grant = served.post("/grants", as_="farm", json=served.scene.signed_grant("farm")).json()["grant_hash"]
    assert served.ask("DELETE", f"/grants/{grant}", as_="cooler").status_code == 404


def test_revocation_is_queued_once_and_ends_the_use_at_once(served: Served) -> None:
    grant = served.post("/grants", as_="farm", json=served.scene.signed_grant("farm")).json()["grant_hash"]
    first, again = (served.ask("DELETE", f"/grants/{grant}", as_="farm") for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert "A grant is missing" in served.page("/log", as_="farm").text
    with served.scene.ledger.engine.connect() as connection:
        row = connection.execute(select(outbox)).one()
    assert (row.contract, row.function, row.account) == ("Members", "revokeGrant", served.scene.accounts["farm"])
