"""Faults of the home's own processes: API, sender and indexer killed again and again; the clock of one of them wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ledger.config import Home
from ledger.network.ports import free_ports
from ledger.store.alarms import alarms, clear_alarm
from scripts.consortium.load import Load
from scripts.faults.on_network.fault import Scene, Skipped


def api_killed(scene: Scene, load: Load) -> None:
    _killed_often(scene, "api")


def sender_killed(scene: Scene, load: Load) -> None:
    _killed_often(scene, "sender")


def indexer_killed(scene: Scene, load: Load) -> None:
    _killed_often(scene, "indexer")


def _killed_often(scene: Scene, name: str) -> None:
    """At random moments of its life: while it starts, while it works."""
    killed = 0
    while killed < scene.kills:
        time.sleep(scene.chance.uniform(0.2, 6))
        killed += scene.served.kill_process(name)
    scene.note("kills", killed)


REAL_MONOTONIC = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
"""A wrong clock is that of the wall; timers go on."""


def clocks_wrong(scene: Scene, load: Load) -> None:
    """An API and an indexer whose clocks are an hour off, by faketime: both name it, and `status` shows it."""
    library = _faketime()
    home = scene.served.ledger.home
    for name, module, offset in (("api", "api", "+1h"), ("indexer", "ledger.index", "-1h")):
        with _another(scene, name, module, {"LD_PRELOAD": str(library), "FAKETIME": offset, **REAL_MONOTONIC}):
            took = scene.served.await_true(
                lambda name=name: any(alarm.kind == "clock" and alarm.process == name for alarm in alarms(home)),
                180,
                f"the {name} names its wrong clock",
            )
            scene.note(f"{name}_named_s", took)
            told = scene.served.look().faults
            named = any(f"home's {name}" in fault and "clock is" in fault for fault in told)
            scene.expect(named, f"status does not name the {name}'s clock: {told}")
        clear_alarm(home, name, "clock")


@contextmanager
def _another(scene: Scene, name: str, module: str, environment: dict[str, str]) -> Iterator[None]:
    """In place of the home's own process one with another environment, while the supervisor's rests beside it: two indexers on one
    database take turns, and a second API listens on a port of its own."""
    folder = scene.served.ledger.home
    settings = replace(scene.served.ledger.settings, api_url=f"http://127.0.0.1:{free_ports(1)[0]}")
    with tempfile.TemporaryDirectory() as made:
        beside = Home(Path(made) / "home")
        beside.path.mkdir()
        for entry in folder.path.iterdir():
            if entry.name != "config.json":
                (beside.path / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
        settings.save(beside)
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--home", str(beside.path)],
            env={**os.environ, **environment, "SUYUAN_DATABASE_URL": folder.database_url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def _faketime() -> Path:
    """Skipped where libfaketime is not installed."""
    for place in (
        *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"),
        Path("/usr/lib/faketime/libfaketimeMT.so.1"),
    ):
        if place.exists():
            return place
    raise Skipped("libfaketime is not installed")
