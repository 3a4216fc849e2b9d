"""A disk of a few megabytes that can be filled: a tmpfs, where this machine lets us mount one."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    path: Path

    def fill(self) -> None:
        """To the last byte."""
        with (self.path / "filler").open("ab", buffering=0) as filler:
            for size in (1 << 16, 1 << 10, 1):
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        (self.path / "filler").unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Skipped in sight where nothing can be mounted."""
    path = Path(tempfile.mkdtemp(prefix="suyuan-disk-"))
    size = f"size={megabytes}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(path)], capture_output=True, text=True)
    if mounted.returncode != 0:
        path.rmdir()
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
        path.rmdir()
