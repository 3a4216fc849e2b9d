"""The engine of the test network, built once from pinned Go modules and kept in a cache.

Polygon Edge in its IBFT proof-of-authority mode: archived upstream, so for tests and trying only. What is built is decided by
`scripts/network/go.mod` and `go.sum`; the cache is keyed by both.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from ledger.errors import NotFound, Unavailable

MODULE = "github.com/0xPolygon/polygon-edge"
PINS = Path(__file__).resolve().parents[2] / "scripts" / "network"
OLDEST_GO = (1, 21)
CHECKS_LINKNAMES_SINCE = (1, 23)


def cache_folder() -> Path:
    """SUYUAN_CACHE, else `suyuan` in the user's cache folder."""
    named = os.environ.get("SUYUAN_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "suyuan"


def engine_name() -> str:
    """The engine with its version, as pinned. NotFound where only the package is installed."""
    try:
        pins = (PINS / "go.mod").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            "The test network's pinned modules are not here.",
            where=str(PINS),
            hint="Run this from a checkout of the project: the network is for tests and trying.",
        ) from None
    version = re.search(rf"{re.escape(MODULE)} (v\S+)", pins)
    return f"polygon-edge {version[1] if version else '?'}"


def engine_file() -> Path:
    """Where the built engine of these pins stands, or will."""
    pinned = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        pinned.update((PINS / name).read_bytes())
    return cache_folder() / f"{engine_name().replace(' ', '-')}-{pinned.hexdigest()[:12]}" / "polygon-edge"


def engine(told: Callable[[str], None] = lambda sentence: None) -> Path:
    """The engine's binary, built if the cache has none (about two minutes). Unavailable without Go, or when it does not build."""
    binary = engine_file()
    if binary.exists():
        return binary
    binary.parent.mkdir(parents=True, exist_ok=True)
    with (binary.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another command may be building it
        if not binary.exists():
            told(f"Building {engine_name()} from its pinned modules; this takes about two minutes, once.")
            _build(binary)
    return binary


def go_version() -> tuple[int, int] | None:
    """Of the Go that this machine has; None without one."""
    try:
        said = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False, env=_env())
    except FileNotFoundError:
        return None
    found = re.match(r"go(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _build(binary: Path) -> None:
    version = go_version()
    if version is None or version < OLDEST_GO:
        has = "has none" if version is None else f"has Go {version[0]}.{version[1]}"
        raise Unavailable(
            f"The engine is built with Go {OLDEST_GO[0]}.{OLDEST_GO[1]} or newer, and this machine {has}.",
            hint="Install one (./scripts/test --all does), or put a built engine into SUYUAN_CACHE.",
            where=str(binary),
        )
    # Its libraries reach into Go's own by names that newer linkers guard.
    flags = "-s -w" + (" -checklinkname=0" if version >= CHECKS_LINKNAMES_SINCE else "")
    with tempfile.TemporaryDirectory(dir=binary.parent) as made:
        build = subprocess.run(
            ["go", "install", "-mod=readonly", "-trimpath", f"-ldflags={flags}", MODULE],
            cwd=PINS,
            env={**_env(), "GOBIN": made},
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode:
            last = " | ".join(build.stderr.strip().splitlines()[-3:])
            raise Unavailable(
                f"The engine does not build: {last}",
                where=str(PINS / "go.mod"),
                hint="Is there a network to the Go module proxy? Then run this again.",
            )
        shutil.move(Path(made) / binary.name, binary)


def _env() -> dict[str, str]:
    """The Go that is there, not one that it would fetch; for this machine."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH", "GOFLAGS")}
    return {**kept, "GOTOOLCHAIN": "local"}
