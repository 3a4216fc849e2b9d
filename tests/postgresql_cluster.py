"""A PostgreSQL cluster of the tests' own: a temporary folder, reached by a Unix socket in it, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

Runner = tuple[str, ...]


@dataclass
class Cluster:
    """`new_database` gives the SQLAlchemy URL of an empty database."""

    folder: Path
    bin: Path
    runner: Runner
    durable: bool = False
    _numbers: Iterator[int] = field(default_factory=count)

    def new_database(self) -> str:
        name = f"ledger{next(self._numbers)}"
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", name)
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.runner, str(self.bin / program), *arguments], cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c timezone=UTC"
        options += "" if self.durable else " -c fsync=off"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def kill(self) -> None:
        """`kill -9` of the server and all its processes."""
        server = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, signal.SIGSTOP)  # no more children
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for pid in (*map(int, children), server):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}/exe").exists() for pid in (server, *children)):  # else it could not start again
            time.sleep(0.01)
        # Dead as it is, where nobody reaps it its number still looks taken, and the locks that name it stand.
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)


@contextmanager
def postgresql_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Starts one; `durable` for figures: it then syncs at each commit. Missing binaries or driver: skipped in sight; with
    CI=true a failure."""
    cluster = _make()
    cluster.durable = durable
    try:
        # Sorts otherwise than by bytes, as most real servers do.
        locale = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
        cluster.run(
            "initdb", "-D", str(cluster.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale
        )
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(cluster.folder, ignore_errors=True)


def _make() -> Cluster:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        _unavailable("PostgreSQL's programs are missing (apt-get install postgresql)")
    try:
        import psycopg  # noqa: F401  # the driver is an optional dependency
    except ImportError:
        _unavailable("psycopg is missing (the optional dependency `postgresql`)")
    folder = Path(tempfile.mkdtemp(prefix="suyuan-pg-"))
    runner: Runner = ()
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres", "postgres")
        runner = ("runuser", "-u", "postgres", "--")
    return Cluster(folder, Path(str(initdb)).resolve().parent, runner)


def _unavailable(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
