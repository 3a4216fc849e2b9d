"""A peer's project, copied beside the cache and installed there from its lock file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".cache" / "peers"


def installed(name: str, *command: str) -> Path:
    """The folder in which it is installed; done once for each state of the project's files."""
    source, folder = HERE / name, CACHE / name
    state = "".join(
        f"{file.relative_to(source)}\n{file.read_text('utf-8')}" for file in sorted(source.rglob("*")) if file.is_file()
    )
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_text("utf-8") == state:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} in {name}: {(done.stderr or done.stdout)[-400:]}")
    stamp.write_text(state, encoding="utf-8")
    return folder
