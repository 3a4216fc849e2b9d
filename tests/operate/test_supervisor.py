"""What is told of a service that does not start, and what becomes of one that keeps dying."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ledger.config import Home
from ledger.errors import Unavailable
from ledger.operate.processes import MOST_RESTARTS, Service, Supervisor


def test_what_it_said_at_an_earlier_start_is_not_told_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.logs.mkdir()
    (home.logs / "api.log").write_text("the disk is full\n")
    ends = Service("api", ("-c", "raise SystemExit('port 80 is taken')"), lambda: False)
    with pytest.raises(Unavailable, match=r"did not start\. It said: port 80 is taken$"):
        Supervisor(home, {"api": ends}).start("api")


def test_one_that_ends_without_a_word_is_told_without_any(tmp_path: Path) -> None:
    ends = Service("api", ("-c", "raise SystemExit(1)"), lambda: False)
    with pytest.raises(Unavailable, match=r"The api did not start\.$"):
        Supervisor(Home(tmp_path), {"api": ends}).start("api")


def test_one_that_keeps_dying_rests_and_ends_nobody_else(tmp_path: Path) -> None:
    dies = Service("api", ("-c", ""), lambda: True)
    lives = Service("chain", ("-c", "import time; time.sleep(60)"), lambda: True)
    supervisor = Supervisor(Home(tmp_path), {"api": dies, "chain": lives})
    supervisor.start("chain", "api")
    restarted: list[str] = []
    deadline = time.monotonic() + 30
    while len(restarted) < MOST_RESTARTS and time.monotonic() < deadline:
        restarted += supervisor.check()
    assert restarted == ["api"] * MOST_RESTARTS
    time.sleep(0.2)  # the last one ends too
    assert supervisor.check() == []
    supervisor.stop()
