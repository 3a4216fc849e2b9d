"""Ponder on the mixed events, as it is shipped or with the limit of its requests a second lifted.

Its own log says when it begins to ask the node and when all is indexed; its start is not counted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from scripts.bench.compile_solidity import MIXED
from scripts.bench.mixed_chain import MixedChain
from scripts.bench.peers.install import installed
from scripts.bench.postgresql import Server
from scripts.bench.sync_rows import checksum

SCHEMA = "bench"
PATIENCE_SECONDS = 600
_LIMITER = Path("node_modules/ponder/dist/esm/rpc/index.js")
_SHIPPED = ("const INITIAL_MAX_RPS = 20;", "const MAX_RPS = 500;")
_LIFTED = ("const INITIAL_MAX_RPS = 1e9;", "const MAX_RPS = 1e9;")


def run_ponder(chain: MixedChain, server: Server, *, lifted: bool) -> tuple[float, tuple[int, str]]:
    """Seconds, and the rows as `checksum` tells them. RuntimeError when it cannot be installed or does not end."""
    folder = installed("ponder", "npm", "ci", "--no-audit", "--no-fund", "--silent")
    _set_limiter(folder / _LIMITER, lifted)
    shutil.rmtree(folder / ".ponder", ignore_errors=True)
    database = server.new_database()
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://postgres:any@127.0.0.1:{server.port}/{database}",
        "MIXED_ARTIFACT": str(MIXED),
        "MIXED_RPC": chain.url,
        "MIXED_ADDRESS": chain.address,
        "MIXED_FROM": str(chain.first_block),
        "MIXED_TO": str(chain.last_block),
        "PONDER_TELEMETRY_DISABLED": "1",
    }
    log = folder / "run.log"
    command = ["node_modules/.bin/ponder", "start", "--schema", SCHEMA, "--log-format", "json", "--port", "0"]
    with log.open("w") as written:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=subprocess.STDOUT)
    try:
        seconds = _await_end(process, log)
    finally:
        process.kill()
        process.wait(20)
    return seconds, checksum(server.url(database), SCHEMA)


def _set_limiter(file: Path, lifted: bool) -> None:
    code = file.read_text("utf-8")
    for shipped, free in zip(_SHIPPED, _LIFTED, strict=True):
        old, new = (shipped, free) if lifted else (free, shipped)
        code = code.replace(old, new)
        if new not in code:
            raise RuntimeError("its limiter is not where it was in the version of the lock file")
    file.write_text(code, encoding="utf-8")


def _await_end(process: subprocess.Popen[bytes], log: Path) -> float:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        told = [each for line in log.read_text("utf-8").splitlines() if (each := _read(line))]
        ends = [each["time"] for each in told if each["msg"].startswith("Completed indexing across all chains")]
        if ends:
            begins = [each["time"] for each in told if each["msg"].startswith("Started backfill indexing")]
            connected = [each["time"] for each in told if each["msg"].startswith("Connected to JSON-RPC")]
            return float(ends[0] - min(*begins, *connected)) / 1000
        time.sleep(0.2)
    raise RuntimeError(f"it did not end; see {log}")


def _read(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "msg" in told and "time" in told else None
