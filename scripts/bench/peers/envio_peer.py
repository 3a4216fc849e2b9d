"""Envio HyperIndex on the mixed events, from the node's RPC.

It generates and compiles code for a project before it starts, and its start is not counted: the time runs from when it
says that it begins to index until it has processed the last block.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from scripts.bench.mixed_chain import MixedChain
from scripts.bench.peers.install import installed
from scripts.bench.postgresql import Server
from scripts.bench.sync_rows import checksum

PATIENCE_SECONDS = 300
_TABLES = {"LogNoted": "log_noted", "LogListed": "log_listed", "LogMoved": "log_moved"}


def run_envio(chain: MixedChain, server: Server) -> tuple[float, tuple[int, str]]:
    """Seconds, and the rows as `checksum` tells them. RuntimeError when it cannot be installed or does not end."""
    tools = installed("pnpm", "npm", "ci", "--no-audit", "--no-fund", "--silent") / "node_modules" / ".bin"
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}
    folder = installed("envio", str(tools / "pnpm"), "install", "--frozen-lockfile")
    database = server.new_database()
    environment |= {
        "MIXED_RPC": chain.url,
        "MIXED_ADDRESS": chain.address,
        "MIXED_FROM": str(chain.first_block),
        "MIXED_TO": str(chain.last_block),
        "ENVIO_PG_HOST": "127.0.0.1",
        "ENVIO_PG_PORT": str(server.port),
        "ENVIO_PG_USER": "postgres",
        "ENVIO_PG_PASSWORD": "any",
        "ENVIO_PG_DATABASE": database,
        "ENVIO_PG_PUBLIC_SCHEMA": "public",
        "ENVIO_HASURA": "false",
        "ENVIO_INDEXER_PORT": str(_free_port()),
        "TUI_OFF": "true",
        "LOG_STRATEGY": "ecs-file",
    }
    envio = str(folder / "node_modules" / ".bin" / "envio")
    done = subprocess.run([envio, "codegen"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"envio codegen: {(done.stderr or done.stdout)[-400:]}")
    shutil.rmtree(folder / "generated" / "logs", ignore_errors=True)
    with (folder / "run.log").open("w") as written:
        process = subprocess.Popen(
            [envio, "start", "--restart"],
            cwd=folder,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        seconds = _await_rows(process, server.url(database), chain.events, folder / "generated" / "logs")
    finally:
        with suppress(ProcessLookupError):  # its own group: it leaves its children behind
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
    _name_as_ours(server.url(database))
    return seconds, checksum(server.url(database))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await_rows(process: subprocess.Popen[bytes], url: str, events: int, logs: Path) -> float:
    """Looked at every quarter of a second: it says nothing of the moment in which its last row stands."""
    engine, deadline = create_engine(url), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _count(engine) >= events:
            return time.time() - _began(logs)
        time.sleep(0.25)
    raise RuntimeError(f"it did not end; see {logs}")


def _count(engine: Engine) -> int:
    counted = 0
    with engine.connect() as connection:
        for table in _TABLES:
            there = connection.execute(text("SELECT to_regclass(:name)"), {"name": f'public."{table}"'}).scalar_one()
            if there is not None:
                counted += connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()  # noqa: S608
    return counted


def _began(logs: Path) -> float:
    lines = [json.loads(line) for file in sorted(logs.iterdir()) for line in file.read_text("utf-8").splitlines()]
    starts = [line["@timestamp"] for line in lines if "Continuing from the last checkpoint" in str(line.get("msg", ""))]
    starts += [line["@timestamp"] for line in lines if "Starting indexing" in str(line.get("message", ""))]
    return datetime.fromisoformat(max(starts)).timestamp()


def _name_as_ours(url: str) -> None:
    with create_engine(url).begin() as connection:
        for theirs, name in _TABLES.items():
            connection.execute(text(f'ALTER TABLE "{theirs}" RENAME TO {name}'))
