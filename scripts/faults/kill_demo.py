"""Kills the demo's processes in mid-story and checks that the story comes out the same: all there, nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select

from ledger.config import Home
from ledger.store.database import open_database, read
from ledger.store.schema import entry, item, items_committed, order, payout, rule_version, statement, withdrawal

PROCESSES = ("chain", "signer", "sender", "indexer", "notifier", "api")
STORY_SECONDS = 600

# What the story leaves, however often it was interrupted.
EXPECTED = {
    "statements": 18,
    "roots": 1,
    "items": 12,
    "rule versions": 1,
    "orders settled": 50,
    "payouts": 250,
    "withdrawals booked": 5,
}


def main(arguments: Sequence[str]) -> int:
    rounds = int(arguments[0]) if arguments else 1
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    print(f"seed {seed}")
    ok = True
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory(prefix="suyuan-faults-") as folder:
            home = Home(Path(folder) / "home")
            victims = (*chance.sample(PROCESSES, len(PROCESSES)), "demo")
            completed = [_tell_and_kill(home, name, chance) for name in victims]
            finished = all(completed) and _tell(home).wait(STORY_SECONDS) == 0
            found = _found(home)
            round_ok = finished and found == EXPECTED and _balanced(home)
            ok &= round_ok
            print(f"round {number}: {'ok' if round_ok else 'WRONG'} {json.dumps(found)}", flush=True)
    print(json.dumps({"faults": "demo", "rounds": rounds, "kills": rounds * (len(PROCESSES) + 1), "ok": ok}))
    return 0 if ok else 1


def _tell(home: Home) -> subprocess.Popen[bytes]:
    """The story, from wherever it stands."""
    log = (home.path.parent / "demo.log").open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.story", "--exit", "--home", str(home.path), "--port", "8765"],
        stdout=log,
        stderr=log,
    )


def _tell_and_kill(home: Home, name: str, chance: random.Random) -> bool:
    """Tells the story and kills one of its processes at some moment; whether that succeeded and it completed all the same. When the demo
    itself is killed it cannot; the next telling completes it."""
    telling = _tell(home)
    time.sleep(chance.uniform(1, 12))
    pid = telling.pid if name == "demo" else _pid(home, name)
    while pid is None and telling.poll() is None:  # not started yet
        time.sleep(0.1)
        pid = _pid(home, name)
    killed = telling.poll() is None and pid is not None
    if killed and pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    print(f"  killed {name}" if killed else f"  the story was over before the {name} could be killed", flush=True)
    status = telling.wait(STORY_SECONDS)
    if name != "demo" and status != 0:
        print((home.path.parent / "demo.log").read_text(encoding="utf-8")[-2000:])
        print(f"  the story ended with {status} after the {name} was killed", flush=True)
    return killed and (name == "demo" or status == 0)


def _pid(home: Home, name: str) -> int | None:
    try:
        return int((home.run / f"{name}.pid").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _found(home: Home) -> dict[str, int]:
    counts = {
        "statements": select(func.count()).select_from(statement),
        "roots": select(func.count()).select_from(items_committed),
        "items": select(func.count()).select_from(item),
        "rule versions": select(func.count()).select_from(rule_version),
        "orders settled": select(func.count()).select_from(order).where(order.c.state == "settled"),
        "payouts": select(func.count()).select_from(payout),
        "withdrawals booked": select(func.count()).select_from(withdrawal).where(withdrawal.c.state == "booked"),
    }
    with read(open_database(home)) as connection:
        return {name: int(connection.execute(query).scalar_one()) for name, query in counts.items()}


def _balanced(home: Home) -> bool:
    """Every payout once: what was credited is what was minted, and all of it has left."""
    with read(open_database(home)) as connection:
        sums = {
            row[0]: int(row[1])
            for row in connection.execute(
                select(entry.c.account, func.sum(entry.c.amount_fen)).group_by(entry.c.account)
            )
        }
        paid = connection.execute(select(func.sum(order.c.amount_fen))).scalar_one()
        credited = connection.execute(select(func.sum(payout.c.amount_fen))).scalar_one()
    return paid == credited and set(sums.values()) == {0}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
