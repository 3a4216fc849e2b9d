"""`suyuan webhooks`: the operator reads the dead letters and has them sent again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.context import open_ledger
from ledger.notify.interest import Interest
from ledger.notify.plan import plan
from ledger.notify.webhooks import disable, register
from ledger.store.database import write
from ledger.store.schema import feed, member, webhook_message

TARGET = "https://example.com/suyuan"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A shop with a webhook that was disabled, and one dead letter of it."""
    home = Home(tmp_path)
    Settings(development=True).save(home)
    engine = open_ledger(home).engine
    with write(engine) as connection:
        row = {"member": 1, "account": "0x" + "11" * 20, "roles": 1 << 8, "slug": "shop", "name": "Shop"}
        connection.execute(insert(member).values(**row, active=True, block=1))
        made = register(connection, 1, TARGET, Interest(listener=1), now=1, development=True)
        connection.execute(feed.insert(), {"block": 1, "log_index": 0, "kind": "recall_opened", "data": "{}"})
    plan(engine, int(time.time()))
    with write(engine) as connection:
        values = {"state": "dead", "last_at": 1, "last_error": "It answered HTTP 410."}
        connection.execute(update(webhook_message).values(**values))
        disable(connection, made.id, "It was gone.")
    return home


def suyuan(capsys: pytest.CaptureFixture[str], home: Home, status: int, *words: str) -> Any:
    assert run(["webhooks", *words, "--json", "--home", str(home.path)]) == status
    return json.loads(capsys.readouterr().out)


def test_unknown_webhook_is_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("replay", "enable", "remove"):
        assert suyuan(capsys, home, 1, command, "wh_none")["error"] == "NotFound"
    assert suyuan(capsys, home, 1, "list", "--as", "nobody")["error"] == "NotFound"


def test_dead_letter_is_read_replayed_and_its_webhook_enabled(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (listed,) = suyuan(capsys, home, 0, "list", "--as", "shop")
    assert (listed["member"], listed["reason"], listed["dead"]) == ("shop", "It was gone.", 1)
    (letter,) = suyuan(capsys, home, 0, "dead")
    assert (letter["kind"], letter["last_error"]) == ("recall_opened", "It answered HTTP 410.")
    replayed = suyuan(capsys, home, 0, "replay", listed["id"], "--message", letter["id"])
    assert (replayed["replayed"], replayed["state"]) == (1, "disabled")
    assert suyuan(capsys, home, 0, "enable", listed["id"])["state"] == "active"
    assert suyuan(capsys, home, 0, "dead") == []
    suyuan(capsys, home, 0, "remove", listed["id"])
    assert suyuan(capsys, home, 0, "list") == []


def test_tables_are_for_people(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for command, told in (("list", "shop"), ("dead", "Dead letters")):
        assert run(["webhooks", command, "--home", str(home.path)]) == 0
        assert told in capsys.readouterr().out
