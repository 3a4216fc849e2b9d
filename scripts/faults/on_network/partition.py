"""The network falls into halves of two and two: no block on either side, and no fork when the cable is back."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import httpx

from ledger.network.engine import engine
from ledger.network.look import newest_blocks
from ledger.network.operate import found_ledger
from ledger.operate.serve import serving
from scripts.consortium.halves import Halves, NoNamespaces, a_network_in_halves
from scripts.consortium.load import Load
from scripts.consortium.served import Served, with_rule
from scripts.faults.on_network.fault import Scene, suffer

CUT_SECONDS = 40.0


def partition(chance: random.Random) -> bool:
    """On a network of its own; whether all held. SKIPPED in sight where the machine makes no namespaces."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="suyuan-halves-") as folder,
            a_network_in_halves(engine(), Path(folder) / "network") as (network, halves),
        ):
            found_ledger(network)
            with (
                serving(network.home, ("sender", "indexer", "api"), lasting=True) as ledger,
                httpx.Client(base_url=ledger.settings.api_url, timeout=30) as http,
            ):
                served = Served(network, ledger, http)
                scene = Scene(served, with_rule(served), chance, kills=0)
                return suffer(scene, "partition", lambda scene, load: _cut_and_joined(scene, load, halves))
    except NoNamespaces as reason:
        print(f"partition: SKIPPED: {reason}", flush=True)
        return True


def _cut_and_joined(scene: Scene, load: Load, halves: Halves) -> None:
    served = scene.served
    halves.cut()
    time.sleep(5)  # a block that had its seals already may still come
    stood = _heights(scene)
    accepted = len(load.counts.captures)
    time.sleep(CUT_SECONDS)
    scene.expect(_heights(scene) == stood, f"blocks came on a side without a quorum: {stood}, then {_heights(scene)}")
    scene.expect(len(load.counts.captures) > accepted, "nothing was accepted while no block came")
    scene.expect(load.counts.delayed > 0, "no answer said that the chain cannot confirm yet")
    scene.note("heights", stood)
    halves.join()
    scene.note(
        "first_block_s", served.await_true(lambda: max(_heights(scene)) > max(stood), 300, "a block after the cut")
    )
    scene.note("level_s", scene.await_all_level(300))
    top = min(_heights(scene))
    chains = [
        [(block.number, block.hash) for block in newest_blocks(node.rpc_url, top, 150)] for node in served.network.nodes
    ]
    scene.expect(all(chain == chains[0] for chain in chains), "the nodes tell different blocks: a fork")
    scene.note("blocks_compared", len(chains[0]))


def _heights(scene: Scene) -> list[int]:
    return [node.height if node.height is not None else -1 for node in scene.served.look().nodes]
