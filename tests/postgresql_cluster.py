"""A PostgreSQL cluster of the tests' own: a temporary folder, reached by a Unix socket in it, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def postgresql_cluster() -> Iterator[Cluster]:
    """Starts one. Missing binaries or driver: skipped in sight; with CI=true a failure."""
    cluster = _make()
    data = cluster.folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{cluster.folder}' -c fsync=off -c timezone=UTC"
    try:
        # Sorts otherwise than by bytes, as most real servers do.
        locale = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
        cluster.run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale)
        cluster.run("pg_ctl", "-D", str(data), "-l", str(cluster.folder / "log"), "-o", options, "-w", "start")
        try:
            yield cluster
        finally:
            cluster.run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
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
