"""While the chain makes no blocks, everything is accepted and kept, and answers and pages say that it cannot be confirmed yet."""

from __future__ import annotations

from dataclasses import replace

from api_scene import Served

from api.confirmation import HEADER
from ledger.chain.pulse import SILENT_SECONDS, Pulse

ORDER = {"number": "N1", "amount_fen": 5_000, "rule": 1, "carrier": "carrier"}


def silence(served: Served, seconds: float) -> None:
    """The chain made its last block so long ago."""
    moments = iter([0.0])
    pulse = Pulse(1.0, clock=lambda: next(moments, seconds))
    served.app.state.shared = replace(served.app.state.shared, pulse=pulse)


def test_nothing_is_said_while_blocks_come(served: Served) -> None:
    silence(served, 1)
    assert HEADER not in served.post("/settlements", as_="merchant").headers
    assert "cannot be confirmed yet" not in served.page("/").text
    assert served.get("/readyz").json()["confirming"] is True


def test_what_is_accepted_on_a_silent_chain_is_said_to_be_unconfirmed(served: Served) -> None:
    silence(served, SILENT_SECONDS + 1)
    accepted = served.post("/settlements", as_="merchant")
    assert (accepted.status_code, accepted.headers[HEADER]) == (200, "delayed")
    assert HEADER not in served.post("/settlements").headers, "a refusal needs no confirmation"
    assert HEADER not in served.get("/members").headers


def test_every_page_tells_that_the_chain_is_silent_and_how_much_waits(served: Served) -> None:
    silence(served, SILENT_SECONDS + 1)
    assert "accepted and kept (0 transactions wait), and cannot be confirmed yet" in served.page("/").text
    assert "链目前不出块" in served.page("/members", "zh").text
    assert served.get("/readyz").json()["confirming"] is False
