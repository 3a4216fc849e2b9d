"""Small files that are there whole or not at all: keystores, secrets, the record of a deployment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ledger.errors import Unavailable


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes and syncs beside the target, then renames over it. Unavailable when the disk refuses."""
    _written(path, content, mode, replace=True)


def create_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """As write_atomically, but leaves a file that is there as it is: False. Two processes may try at once; one wins."""
    return _written(path, content, mode, replace=False)


def _written(path: Path, content: bytes, mode: int, *, replace: bool) -> bool:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            if replace:
                beside.replace(path)
            else:
                os.link(beside, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    except OSError as error:
        raise Unavailable(
            f"The file cannot be written: {error.strerror}.",
            where=str(path),
            hint="Check the disk's free space and the folder's owner.",
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
