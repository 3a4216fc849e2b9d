"""From a block at the node to the event in each of 100 subscribers' hands."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from postgresql_cluster import postgresql_cluster

from ledger.config import Home
from scripts.bench.listeners import Listeners
from scripts.bench.push_home import home_on_anvil

SUBSCRIBERS = 100
BLOCKS = 200
WARM_UP = 10
WAIT_SECONDS = 20.0
TARGETS = {"p50_ms": 10.0, "p95_ms": 25.0, "stop_ms": 1000.0}


def main(arguments: Sequence[str]) -> int:
    blocks = int(arguments[0]) if arguments else BLOCKS
    figures = {name: _measure(name, blocks) for name in ("sqlite", "postgresql")}
    met = all(
        figure["lost"] == 0 and all(figure[name] <= target for name, target in TARGETS.items())
        for figure in figures.values()
    )
    print(json.dumps({"bench": "push", "figures": figures, "targets": TARGETS, "met": met}))
    return 0


def _measure(name: str, blocks: int) -> dict[str, float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suyuan-push-")))
        url = None
        if name == "postgresql":
            url = stack.enter_context(postgresql_cluster(durable=True)).new_database()
        ledger, source = stack.enter_context(home_on_anvil(folder, url))
        listeners = Listeners(f"{ledger.settings.api_url}/stream", SUBSCRIBERS)
        try:
            waited: list[float] = []
            mined: list[float] = []
            lost = 0
            chance = random.Random(7)  # noqa: S311 - when a block comes, not a secret
            for number in range(blocks + WARM_UP):
                source.prepare()
                time.sleep(chance.uniform(0.05, 0.25))
                identity, before, after = source.mine()
                arrived = listeners.await_event(identity, WAIT_SECONDS)
                if number >= WARM_UP:
                    waited += [(at - after) * 1000 for at in arrived]
                    mined.append((after - before) * 1000)
                    lost += SUBSCRIBERS - len(arrived)
            figure = {
                "p50_ms": round(statistics.quantiles(waited, n=100)[49], 2),
                "p95_ms": round(statistics.quantiles(waited, n=100)[94], 2),
                "p99_ms": round(statistics.quantiles(waited, n=100)[98], 2),
                "most_ms": round(max(waited), 2),
                "mining_p50_ms": round(statistics.median(mined), 2),
                "events": len(waited),
                "lost": lost,
                "load": round(os.getloadavg()[0], 1),  # of the machine: what else runs takes the two cores away
                "stop_ms": _stop_ms(ledger.home, listeners),
            }
        finally:
            listeners.close()
    print(
        f"{name}: {blocks} blocks, one event each, {SUBSCRIBERS} subscribers. From the block's standing until read: "
        f"p50 {figure['p50_ms']} ms, p95 {figure['p95_ms']} ms, p99 {figure['p99_ms']} ms, most {figure['most_ms']} ms; "
        f"the node's mining before that took {figure['mining_p50_ms']} ms. {lost} events lost. "
        f"The machine's load is {figure['load']}. "
        f"The API with all streams open stopped in {figure['stop_ms']} ms.",
        flush=True,
    )
    return figure


def _stop_ms(home: Home, listeners: Listeners) -> float:
    """How long the API takes to stop with every stream open: from the signal until the process is gone."""
    pid = int((home.run / "api.pid").read_text(encoding="utf-8"))
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    while _runs(pid):
        time.sleep(0.002)
    gone = time.monotonic()
    listeners.await_end(WAIT_SECONDS)
    return round((gone - began) * 1000, 1)


def _runs(pid: int) -> bool:
    """A process that ended and was not waited for yet (a zombie) runs no longer."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
