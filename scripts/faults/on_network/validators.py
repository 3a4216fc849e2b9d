"""Faults of validators: killed one by one, two at once, paused, on a full disk; and the node that the API uses killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from ledger.chain.outbox import pending
from ledger.chain.standstill import STALLED_SECONDS
from ledger.network.engine import engine
from ledger.network.layout import Node
from ledger.network.node_process import kill_node, pid_of, start_nodes, stop_node
from ledger.store.database import read
from scripts.consortium.load import Load
from scripts.faults.on_network.fault import Scene, Skipped

DOWN_SECONDS = 30.0
PAUSED_SECONDS = 60.0
TMPFS_MEGABYTES = 48


def each_validator_killed(scene: Scene, load: Load) -> None:
    """kill -9 of each in turn, restarted after 30 s."""
    for node in scene.served.network.nodes:
        _killed_for(scene, node)


def one_validator_killed(scene: Scene, load: Load) -> None:
    """The short form: one of them."""
    _killed_for(scene, scene.chance.choice(scene.served.network.nodes), seconds=20)


def _killed_for(scene: Scene, node: Node, seconds: float = DOWN_SECONDS) -> None:
    served = scene.served
    before = scene.height()
    kill_node(served.network, node)
    time.sleep(seconds)
    seen = served.look()
    scene.expect(
        any(f"Node {node.number} " in fault and "down" in fault for fault in seen.faults),
        "status names no node that is down",
    )
    scene.note(f"blocks_without_{node.number}", (seen.height or 0) - before)
    start_nodes(served.network, [node], engine())
    scene.note(f"level_{node.number}_s", scene.await_all_level())


def two_validators_killed(scene: Scene, load: Load) -> None:
    """Without a quorum: accepted, kept, said to be unconfirmed; and all of it goes through after the restart."""
    served = scene.served
    two = served.network.nodes[2:4]
    for node in two:
        kill_node(served.network, node)
    time.sleep(3)  # a block that had its seals already may still come
    stood = scene.height()
    accepted = len(load.counts.captures)
    time.sleep(STALLED_SECONDS + 5)  # long enough to be said
    scene.expect(scene.height() == stood, "a block came without a quorum")
    scene.expect(len(load.counts.captures) > accepted, "nothing was accepted while no block came")
    scene.expect(any("no block is made" in fault for fault in served.look().faults), "status does not say why")
    with read(served.ledger.engine) as connection:
        waiting = len(pending(connection))
    scene.expect(waiting > 0, "the outbox is empty although no block came")
    scene.note("accepted_meanwhile", len(load.counts.captures) - accepted)
    scene.note("waiting", waiting)
    scene.expect(load.counts.delayed > 0, "no answer said that the chain cannot confirm yet")
    page = served.http.get("/", headers={"Accept-Language": "en"}).text
    scene.expect("cannot be confirmed" in page, "the page does not say that the chain cannot confirm")
    start_nodes(served.network, two, engine())
    scene.note("first_block_s", served.await_true(lambda: scene.height() > stood, 180, "a block after the restart"))


def node_in_use_killed(scene: Scene, load: Load) -> None:
    """The first node of the home's settings dies: another answers within 3 s."""
    served = scene.served
    kill_node(served.network, served.network.nodes[0])
    began = time.monotonic()

    def ready() -> bool:
        return served.http.get("/readyz").status_code == 200

    served.await_true(ready, 30, "the API finds another node")
    switched = time.monotonic() - began
    scene.note("switched_s", switched)
    scene.expect(switched <= 3, f"the API needed {switched:.1f} s to switch")
    time.sleep(20)
    scene.expect(not any(status >= 500 for status in load.counts.refused), f"requests failed: {load.counts.refused}")
    scene.expect(load.counts.unanswered == 0, f"{load.counts.unanswered} requests went unanswered")
    start_nodes(served.network, served.network.nodes[:1], engine())
    scene.note("level_s", scene.await_all_level())


def validator_paused(scene: Scene, load: Load) -> None:
    """SIGSTOP for a minute: noticed and named."""
    served = scene.served
    node = served.network.nodes[1]
    pid = pid_of(served.network, node)
    if pid is None:
        raise RuntimeError("the node to be paused does not run")
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        served.await_true(lambda: _named(scene, node, "paused"), 5, "status names the paused node")
        served.await_true(lambda: _named(scene, node, "missed"), 60, "status counts its missed turns")
        scene.note("missed_turns_seen_s", time.monotonic() - began)
        time.sleep(max(PAUSED_SECONDS - (time.monotonic() - began), 0))
    finally:
        os.kill(pid, signal.SIGCONT)
    scene.note("level_s", scene.await_all_level(180))


def disk_full(scene: Scene, load: Load) -> None:
    """A validator's data on a small tmpfs, filled: noticed and named; the others go on; with room it comes back."""
    served = scene.served
    node = served.network.nodes[3]
    data = served.network.data(node)
    with tempfile.TemporaryDirectory() as aside:
        stop_node(served.network, node)
        kept = Path(aside) / "data"
        shutil.move(data, kept)
        data.mkdir()
        size = TMPFS_MEGABYTES + sum(file.stat().st_size for file in kept.rglob("*") if file.is_file()) // 2**20
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(data)],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            shutil.copytree(kept, data, dirs_exist_ok=True)
            start_nodes(served.network, [node], engine())
            if mounted.returncode:
                raise Skipped(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
            scene.await_all_level()
            ballast = data / "ballast"
            _fill(ballast)
            scene.note(
                "named_s", served.await_true(lambda: _named(scene, node, "full disk"), 10, "status names the full disk")
            )
            before = scene.height()
            time.sleep(45)
            scene.note("blocks_meanwhile", scene.height() - before)
            scene.expect(scene.height() > before, "no block while one disk was full")
            scene.note("ran_on", pid_of(served.network, node) is not None)
            ballast.unlink()
            stop_node(served.network, node)
            start_nodes(served.network, [node], engine())
            scene.note("level_s", scene.await_all_level(180))
        finally:
            if not mounted.returncode:
                _off_the_tmpfs(scene, node, data)


def _off_the_tmpfs(scene: Scene, node: Node, data: Path) -> None:
    """Back onto the disk, with what it wrote meanwhile."""
    stop_node(scene.served.network, node)
    with tempfile.TemporaryDirectory() as aside:
        kept = Path(aside) / "data"
        shutil.copytree(data, kept, ignore=shutil.ignore_patterns("ballast"))
        subprocess.run(["umount", str(data)], check=True)
        shutil.copytree(kept, data, dirs_exist_ok=True)
    start_nodes(scene.served.network, [node], engine())


def _fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as ballast:
        for size in (2**20, 4096, 1):
            with suppress(OSError):
                while True:
                    ballast.write(b"\0" * size)


def _named(scene: Scene, node: Node, word: str) -> bool:
    return any(f"Node {node.number} " in fault and word in fault for fault in scene.served.look().faults)
