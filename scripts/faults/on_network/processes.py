"""Faults of the home's own processes: API, sender and indexer killed again and again; the clock of one of them wrong."""

from __future__ import annotations

import time

from scripts.consortium.load import Load
from scripts.faults.on_network.fault import Scene


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
