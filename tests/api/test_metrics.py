"""What monitors read: for the operator only, true to the rows, and without the paths and words of those who ask."""

from __future__ import annotations

import time
from typing import Any

import pytest
from api_scene import Served
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from ledger.store.alarms import Alarm, raise_alarm
from ledger.store.database import write
from ledger.store.schema import cursor, index_error, outbox, reorganisation

TOKEN = "a token that the operator made"


def samples(served: Served, **how: Any) -> dict[str, float]:
    answer = served.get("/metrics", **how)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_needs_the_token(served: Served, header: str) -> None:
    proxied = {header: "198.51.100.7"}
    assert served.get("/metrics", headers=proxied).status_code == 403
    shown = {**proxied, "Authorization": f"Bearer {TOKEN}"}
    assert served.get("/metrics", headers=shown).status_code == 403  # there is no token yet
    (served.scene.ledger.home.keys / "metrics.token").write_text(TOKEN + "\n", encoding="utf-8")
    assert served.get("/metrics", headers=shown).status_code == 200
    assert served.get("/metrics", headers={**shown, "Authorization": "Bearer other"}).status_code == 403


def test_empty_token_lets_nobody_in(served: Served) -> None:
    (served.scene.ledger.home.keys / "metrics.token").write_text("\n", encoding="utf-8")
    for said in ("Bearer", "Bearer  x"):
        assert served.get("/metrics", headers={"Via": "x", "Authorization": said}).status_code == 403


def test_requests_are_counted_by_route_and_never_by_path(served: Served) -> None:
    served.get("/events/" + "ab" * 32)
    served.get("/no/such/path/at/all")
    served.ask("BREW", "/healthz")
    text = served.get("/metrics").text
    found = samples(served)
    assert found["suyuan_http_request_duration_seconds_count,method=GET,route=/events/{event_hash},status=404"] == 1
    assert "abab" not in text
    assert "such" not in text
    assert "BREW" not in text


def test_rows_are_told_as_they_stand(served: Served) -> None:
    now = int(time.time())
    engine, home = served.scene.ledger.engine, served.scene.ledger.home
    with write(engine) as connection:
        connection.execute(insert(cursor).values(name="ledger", next_block=78, block_hash="0x"))
        connection.execute(insert(cursor).values(name="verified", next_block=51, block_hash="0x"))
        connection.execute(insert(index_error).values(name="ledger", next_block=78, at=now - 60, sentence="Broken."))
        connection.execute(insert(reorganisation).values(ancestor=1, head=2, at=1))
        row = {"account": "0x1", "contract": "c", "function": "f", "to": "0x2", "data": "0x", "gas": 0}
        for key, state, age in (("a", "final", 500), ("b", "queued", 100), ("c", "sent", 10)):
            connection.execute(insert(outbox).values(**row, key=key, state=state, queued_at=now - age))
    raise_alarm(home, Alarm("indexer", "clock", now, "The clock is wrong."))
    served.post("/webhooks", as_="farm", json={"url": "https://example.com/"})
    found = samples(served)
    assert (found["suyuan_index_block"], found["suyuan_index_verified_block"]) == (77, 50)
    assert (found["suyuan_index_stopped"], found["suyuan_index_reorganisations_total"]) == (1, 1)
    assert 60 <= found["suyuan_index_stopped_seconds"] < 120
    assert found["suyuan_outbox_transactions,state=final"] == 1
    assert 100 <= found["suyuan_outbox_oldest_seconds"] < 200
    assert found["suyuan_webhooks,state=active"] == 1
    assert found["suyuan_alert,kind=clock"] == 1
    assert (found["suyuan_stream_subscribers"], found["suyuan_database_up"]) == (0, 1)


def test_readiness_says_why_the_index_stands_still(served: Served) -> None:
    with write(served.scene.ledger.engine) as connection:
        connection.execute(insert(index_error).values(name="ledger", next_block=78, at=1, sentence="Broken."))
    assert served.get("/readyz").json()["index_stopped"] == "Broken."
