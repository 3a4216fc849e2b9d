"""Measures how fast history becomes rows: the ledger's engine, and peers on the same chain, into the same columns.

scripts/bench/sync [--events N] [--peers ponder,ponder-lifted,envio,web3 | none]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain.client import Client
from ledger.chain.profiles import ANVIL
from scripts.bench.mixed_chain import MixedChain, mixed_chain
from scripts.bench.peers.envio_peer import run_envio
from scripts.bench.peers.ponder_peer import run_ponder
from scripts.bench.postgresql import Server, postgresql_server
from scripts.bench.sync_rows import checksum

FEW = 100_000
TARGETS = {"postgresql": 100_000, "sqlite": 80_000, "peak_mb": 150, "ponder": 10.0, "envio": 5.0, "evenness": 0.85}


@dataclass(frozen=True)
class Run:
    """`rate`: events a second from the first request to the last row."""

    name: str
    rate: float
    rows: tuple[int, str]
    peak_mb: float | None = None


def ours(chain: MixedChain, url: str, name: str) -> Run:
    """In a process of its own, as an indexer is."""
    command = [sys.executable, "-m", "scripts.bench.sync_ours", url, chain.url, chain.address, str(chain.first_block)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout)
    return Run(name, chain.events / told["seconds"], checksum(url), told["peak_mb"])


def node_alone(chain: MixedChain) -> float:
    """Events a second that the node gives to who does nothing with them, two questions in flight: how fast this machine
    is today, and what no indexer can surpass."""
    rpc = Client(chain.url, ANVIL).nodes
    span = 10

    def ask(first: int) -> None:
        last = min(first + span - 1, chain.last_block)
        query = {"fromBlock": hex(first), "toBlock": hex(last), "address": [chain.address]}
        rpc.raw_batch([("eth_getLogs", [query])])

    began = time.perf_counter()
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(ask, range(chain.first_block, chain.last_block + 1, span)))
    seconds = time.perf_counter() - began
    rpc.close()
    return chain.events / seconds


def web3(chain: MixedChain, folder: Path) -> Run:
    file = folder / "web3.sqlite"
    command = [sys.executable, "-m", "scripts.bench.peers.web3_naive", str(file), chain.url, chain.address]
    done = subprocess.run(
        [*command, str(chain.first_block), str(chain.last_block)], capture_output=True, text=True, check=True
    )
    return Run("web3.py", chain.events / json.loads(done.stdout)["seconds"], checksum(f"sqlite:///{file}"))


def main() -> int:
    arguments = _arguments()
    wanted = [] if arguments.peers == "none" else arguments.peers.split(",")
    figures: dict[str, Any] = {"events": arguments.events}
    with tempfile.TemporaryDirectory() as name, postgresql_server() as server:
        folder = Path(name)
        few = min(arguments.events, FEW)
        with mixed_chain(few) as chain:
            figures["node_alone"] = round(node_alone(chain))
            print(f"{'the node alone':<16} {figures['node_alone']:>10,.0f} events/s, read and thrown away", flush=True)
            base = _ours_best(chain, server, folder, arguments.repeat)
            peers = _peers(wanted, chain, server, folder, figures)
            if arguments.events > few:
                chain.emit(arguments.events - few)
                many = _ours_best(chain, server, folder, 1)
                for run in many:
                    figures[f"{run.name}_{arguments.events}"] = round(run.rate)
                    figures[f"{run.name}_{arguments.events}_peak_mb"] = run.peak_mb
                    before = next(each for each in base if each.name == run.name)
                    figures[f"{run.name}_evenness"] = round(run.rate / before.rate, 3)
                    print(
                        f"{run.name:<16} {run.rate:>10,.0f} events/s of {arguments.events:,}; {run.peak_mb} MB at most"
                    )
    for run in base:
        figures[run.name], figures[f"{run.name}_peak_mb"] = round(run.rate), run.peak_mb
    fastest = max(run.rate for run in base if run.name == "postgresql")
    for run in peers:
        if run.rows != base[0].rows:
            raise SystemExit(f"{run.name} holds other rows: {run.rows} and not {base[0].rows}. No ratio is printed.")
        figures[run.name], figures[f"times_{run.name}"] = round(run.rate), round(fastest / run.rate, 1)
        print(
            f"{run.name:<16} {run.rate:>10,.0f} events/s; the ledger's engine is {fastest / run.rate:.1f} times as fast"
        )
    met = _met(figures)
    print(json.dumps({"bench": "sync", "figures": figures, "targets": TARGETS, "met": met}))
    return 0 if met else 1


def _ours_best(chain: MixedChain, server: Server, folder: Path, times: int) -> list[Run]:
    """The best of several runs on each database; each run begins with an empty one."""
    runs = []
    for name in ("postgresql", "sqlite"):
        made: list[Run] = []
        for number in range(times):
            file = folder / f"{chain.events}-{number}.sqlite"
            url = server.url(server.new_database()) if name == "postgresql" else f"sqlite:///{file}"
            made.append(ours(chain, url, name))
            print(f"{name:<16} {made[-1].rate:>10,.0f} events/s; {made[-1].peak_mb} MB at most", flush=True)
        runs.append(max(made, key=lambda run: run.rate))
    if runs[0].rows != runs[1].rows or runs[0].rows[0] != chain.events:
        raise SystemExit(f"The two databases differ: {[run.rows for run in runs]}")
    return runs


def _peers(wanted: list[str], chain: MixedChain, server: Server, folder: Path, figures: dict[str, Any]) -> list[Run]:
    makers: dict[str, Callable[[], tuple[float, tuple[int, str]]]] = {
        "ponder": lambda: run_ponder(chain, server, lifted=False),
        "ponder-lifted": lambda: run_ponder(chain, server, lifted=True),
        "envio": lambda: run_envio(chain, server),
    }
    runs = []
    for name in wanted:
        if name == "web3":
            runs.append(web3(chain, folder))
            continue
        try:
            seconds, rows = makers[name]()
            runs.append(Run(name, chain.events / seconds, rows))
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            figures[f"{name}_not_run"] = str(error)[:300]
            print(f"{name} does not run here: {error}")
    return runs


def _met(figures: dict[str, Any]) -> bool:
    least = {
        "postgresql": TARGETS["postgresql"],
        "sqlite": TARGETS["sqlite"],
        "times_ponder": TARGETS["ponder"],
        "times_ponder-lifted": TARGETS["ponder"],
        "times_envio": TARGETS["envio"],
        "postgresql_evenness": TARGETS["evenness"],
        "sqlite_evenness": TARGETS["evenness"],
    }
    peaks = [value for name, value in figures.items() if name.endswith("peak_mb")]
    return (
        all(figures[name] >= value for name, value in least.items() if name in figures)
        and max(peaks) < TARGETS["peak_mb"]
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench/sync", description=__doc__)
    parser.add_argument("--events", type=int, default=FEW)
    parser.add_argument("--peers", default="ponder,ponder-lifted,envio,web3", help="comma-separated, or none")
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours on each database; the best is told")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
