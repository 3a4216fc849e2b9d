"""While the chain cannot confirm, everything is accepted and kept, and answers and pages say so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from api_scene import CHAIN_ID, Served
from sqlalchemy import func, select

from api.confirmation import HEADER
from ledger.chain.client import Client
from ledger.chain.growth import Growth
from ledger.chain.profiles import EMBEDDED
from ledger.store.schema import outbox

RECALL = {"gtin": "00860009999923", "lot": "LETTUCE-1", "reason": "E. coli"}


def silence(served: Served, seconds: float) -> None:
    """The chain, whose blocks come by themselves, made its last one so long ago."""
    served.get("/healthz")  # the server has started, and watches the nodes that it had then
    now = time.time()
    client = Client("http://127.0.0.1:9", replace(EMBEDDED, block_seconds=1.0))
    client.nodes._growth = Growth(77, int(now - seconds), now - 900, now, now - seconds)
    served.show(replace(served.scene, ledger=replace(served.scene.ledger, client=client)))


def test_nothing_is_said_while_blocks_come(served: Served) -> None:
    silence(served, 1)
    answer = served.post("/recalls", as_="farm", json=RECALL)
    assert answer.status_code == 202, answer.text
    assert HEADER not in answer.headers
    assert "unconfirmed" not in answer.json()
    assert "data-unconfirmed" not in served.page("/merchant/merchant", as_="merchant").text
    assert served.get("/readyz").json()["confirming"] is True  # although its node is not there to be asked


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chain without contracts, whose node says that it is there."""
    command = [sys.executable, "-m", "ledger.chain.embedded", "--port=0", f"--chain-id={CHAIN_ID}"]
    command.append(f"--file={tmp_path_factory.mktemp('chain') / 'chain.sqlite'}")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().split(" on ")[1].split(" at ")[0]
    process.kill()
    process.wait()


@pytest.mark.parametrize("reason", ["no_block", "no_node"])
def test_what_cannot_be_confirmed_is_accepted_and_kept_and_the_answer_says_since_when(
    served: Served, reason: str
) -> None:
    if reason == "no_block":
        silence(served, 100)
    else:
        served.lose_nodes()
    answer = served.post("/recalls", as_="farm", json=RECALL)
    assert (answer.status_code, answer.headers[HEADER]) == (202, "delayed")
    told = answer.json()["unconfirmed"]
    assert told["reason"] == reason
    assert "is kept, and is confirmed once the chain goes on" in told["sentence"]
    assert told["since"].endswith("Z")
    with served.scene.ledger.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 1
    assert HEADER not in served.post("/recalls").headers, "a refusal needs no confirmation"
    assert HEADER not in served.get("/members").headers
    assert served.get("/readyz").json()["confirming"] is False


@pytest.mark.parametrize(("path", "who"), [("/", None), ("/merchant/merchant", "merchant"), ("/log", "farm")])
@pytest.mark.parametrize(("language", "words"), [("en", "cannot be confirmed yet"), ("zh", "暂时无法确认")])
def test_pages_say_that_nothing_can_be_confirmed_and_since_when(
    served: Served, path: str, who: str | None, language: str, words: str
) -> None:
    silence(served, 100)
    page = served.page(path, language, as_=who)
    assert page.status_code == 200
    assert words in page.text
    assert "UTC+08:00" in page.text
    assert 'data-unconfirmed="no_block"' in page.text


def test_health_names_the_node_that_is_away(served: Served) -> None:
    served.lose_nodes()
    answer = served.get("/health")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "alert"
    assert {alert["kind"] for alert in told["alerts"]} >= {"no_node", "node_down"}
    assert told["nodes"][0]["state"] == "down"


def test_health_is_well_while_all_is_well(served: Served, node: str) -> None:
    client = Client(node, EMBEDDED, chain_id=CHAIN_ID)
    client.nodes.look()
    served.show(replace(served.scene, ledger=replace(served.scene.ledger, client=client)))
    told = served.get("/health").json()
    assert told["alerts"] == []
    assert told["status"] == "ok"
    assert told["nodes"][0]["state"] == "healthy"


def test_health_tells_nobody_what_waits_nor_under_whose_session(served: Served) -> None:
    served.lose_nodes()
    assert served.post("/recalls", as_="farm", json=RECALL).status_code == 202
    told = served.get("/health").json()["outbox"]
    assert told["by_state"] == {"queued": 1}
    assert set(told["oldest"]) == {"call", "state", "queued_at", "error"}
