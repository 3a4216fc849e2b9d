"""Every process logs JSON lines, and no secret is among them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from ledger.logs import STRUCK, strike_secrets

PROGRAM = """
import logging
import structlog
from ledger.logs import configure_logging
configure_logging("sender")
log = structlog.get_logger("x")
log.info("sent", block=7, name="李")
log.debug("unheard")
logging.getLogger("other.library").warning("it says %s", "something")
logging.getLogger("other.library").info("unheard")
secret = "hunter2"
try:
    raise ValueError("broken")
except ValueError:
    log.exception("failed")
"""


def test_lines_are_json_whoever_logs() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("sent", "info"), ("it says something", "warning"), ("failed", "error"),
    ]  # fmt: skip
    assert {line["process"] for line in lines} == {"sender"}
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert "ValueError: broken" in lines[2]["exception"]
    assert 'hunter2"' not in lines[2]["exception"]  # the program's text may stand there, local values do not
    assert done.stderr == ""


@pytest.mark.parametrize(
    "name", ["secret", "password", "SUYUAN_PASSWORD_FARM", "token", "Authorization", "private_key", "signature", "raw"]
)
def test_field_that_is_named_as_a_secret_is_left_out(name: str) -> None:
    assert strike_secrets(None, "info", {"event": "x", name: "hunter2"}) == {"event": "x", name: STRUCK}


@pytest.mark.parametrize(
    "text",
    [
        "its secret is whsec_aHVudGVyMg==",
        "Authorization: Bearer aHVudGVyMg.hunter2",
        "postgresql+psycopg://me:hunter2@host/db does not answer",
        "Cookie: suyuan_session=hunter2; other=1",
    ],
)
def test_what_looks_like_a_secret_in_a_text_is_struck_through(text: str) -> None:
    struck = strike_secrets(None, "info", {"event": text, "more": [text, {"inner": text}]})
    assert "hunter2" not in json.dumps(struck)
    assert "aHVudGVyMg" not in json.dumps(struck)
    assert STRUCK in str(struck["event"])
