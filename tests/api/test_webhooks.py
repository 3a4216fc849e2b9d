"""Webhooks over HTTP and on the page: registered under a session, shown to their member, replayed by a person."""

from __future__ import annotations

import time
from typing import Any

import pytest
from api_scene import Served
from sqlalchemy import update

from ledger.notify.plan import plan
from ledger.notify.signature import load_webhook_key, secret_of, shown
from ledger.store.database import write
from ledger.store.schema import webhook, webhook_message

TARGET = "https://example.com/suyuan"


def registered(served: Served, **said: Any) -> dict[str, Any]:
    answer = served.post("/webhooks", as_="farm", json={"url": TARGET, **said})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def a_dead_letter(served: Served) -> tuple[str, str]:
    """A webhook with a message that nobody took; their ids."""
    identity = registered(served)["id"]
    served.scene.recall("00860009999923", "L1", "Listeria <b>")
    plan(served.scene.ledger.engine, int(time.time()))
    values = {"state": "dead", "attempts": 10, "last_at": int(time.time()), "last_error": "It answered HTTP 404."}
    with write(served.scene.ledger.engine) as connection:
        message = connection.execute(update(webhook_message).values(**values).returning(webhook_message.c.id)).scalar()
    return identity, str(message)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_stranger_registers_nothing(served: Served) -> None:
    assert served.post("/webhooks", json={"url": TARGET}).status_code == 401
    assert served.get("/webhooks").status_code == 401


@pytest.mark.parametrize(
    "said",
    [
        {"url": "http://example.com/"},
        {"url": "https://10.0.0.1/"},
        {"url": TARGET, "party": "nobody"},
        {"url": TARGET, "after": "nonsense"},
        {"url": TARGET, "secret": "mine"},
        {},
    ],
)
def test_what_cannot_be_is_refused(served: Served, said: dict[str, Any]) -> None:
    assert served.post("/webhooks", as_="farm", json=said).status_code in (400, 404, 422)
    assert served.get("/webhooks", as_="farm").json() == {"webhooks": []}


def test_anothers_webhook_is_not_found(served: Served) -> None:
    path = f"/webhooks/{registered(served)['id']}"
    assert served.ask("DELETE", path, as_="merchant").status_code == 404
    assert served.get(f"{path}/dead", as_="merchant").status_code == 404
    assert served.get("/webhooks", as_="merchant").json() == {"webhooks": []}


def test_page_is_for_who_is_signed_in(served: Served) -> None:
    assert served.page("/my/webhooks").status_code == 401


def test_replay_from_another_website_is_refused(served: Served) -> None:
    identity, _ = a_dead_letter(served)
    answer = served.page(
        "/my/webhooks/replay",
        as_="farm",
        method="POST",
        data={"webhook": identity},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403


# --- then success ----------------------------------------------------------------------------------------------------


def test_secret_is_shown_when_it_is_made_and_never_again(served: Served) -> None:
    made = registered(served, kinds=["recall_opened"], lot="0001/L")
    key = load_webhook_key(served.scene.ledger.home)
    assert made["secret"] == shown(secret_of(key, made["id"], 1))
    (listed,) = served.get("/webhooks", as_="farm").json()["webhooks"]
    assert "secret" not in listed
    assert (listed["kinds"], listed["lot"], listed["state"]) == (["recall_opened"], "0001/L", "active")
    renewed = served.post(f"/webhooks/{made['id']}/secret", as_="farm").json()
    assert renewed["secret"] == shown(secret_of(key, made["id"], 2))


def test_dead_letters_are_read_and_replayed(served: Served) -> None:
    identity, message = a_dead_letter(served)
    (letter,) = served.get(f"/webhooks/{identity}/dead", as_="farm").json()["dead"]
    assert (letter["id"], letter["last_error"]) == (message, "It answered HTTP 404.")
    again = f"/webhooks/{identity}/replay"
    assert served.post(again, as_="farm", json={"messages": ["msg_none"]}).status_code == 404
    assert served.post(again, as_="farm", json={"messages": [message]}).json()["replayed"] == 1
    assert served.get(f"/webhooks/{identity}/dead", as_="farm").json()["dead"] == []


def test_removed_webhook_is_gone(served: Served) -> None:
    identity, _ = a_dead_letter(served)
    assert served.ask("DELETE", f"/webhooks/{identity}", as_="farm").status_code == 204
    assert served.get("/webhooks", as_="farm").json() == {"webhooks": []}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_shows_what_was_not_taken_and_why(served: Served, language: str) -> None:
    assert TARGET not in served.page("/my/webhooks", language, as_="farm").text
    a_dead_letter(served)
    page = served.page("/my/webhooks", language, as_="farm").text
    assert TARGET in page
    assert "It answered HTTP 404." in page
    assert "recall_opened" in page
    assert "<b>" not in page.split("<table>")[1]  # a member's words are never markup


def test_button_sends_again_and_enables(served: Served) -> None:
    identity, message = a_dead_letter(served)
    with write(served.scene.ledger.engine) as connection:
        connection.execute(update(webhook).values(state="disabled", reason="It was gone."))
    own = {"Origin": served.url}
    answer = served.page(
        "/my/webhooks/replay",
        as_="farm",
        method="POST",
        data={"webhook": identity, "message": message},
        headers=own,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/my/webhooks?replayed=1")
    (listed,) = served.get("/webhooks", as_="farm").json()["webhooks"]
    assert (listed["state"], listed["messages"]) == ("active", {"pending": 1})
