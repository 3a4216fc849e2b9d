"""Writes a file whole or not at all, and durably: a crash at any point leaves the old content or the new."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from ledger.errors import Unavailable

_REASONS = {
    errno.ENOSPC: ("The disk is full.", "Make room and try again."),
    errno.EDQUOT: ("The disk quota is used up.", "Make room and try again."),
    errno.EROFS: ("The disk is mounted read-only.", "Mount it writable and try again."),
    errno.EACCES: ("This process may not write here.", "Give it write access to the folder."),
    errno.EPERM: ("This process may not write here.", "Give it write access to the folder."),
}


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replaces `path` by `data`: a temporary file beside it, fsync, rename, fsync of the folder. Folders are made.

    Unavailable where the disk refuses; then nothing is left behind.
    """
    _written(path, data, mode, replace=True)


def create_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> bool:
    """As write_atomically, but leaves a file that is there as it is: False. Two processes may try at once; one wins."""
    return _written(path, data, mode, replace=False)


def disk_refused(error: OSError, path: Path) -> Unavailable:
    """The sentence for a disk that does not do what was asked."""
    what, hint = _REASONS.get(
        error.errno or 0, (f"The disk refused: {error.strerror or error}.", "Check the disk and try again.")
    )
    return Unavailable(f"{what} Nothing was written.", where=str(path), hint=hint)


def sync_folder(folder: Path) -> None:
    """A rename is only durable once its folder is synced."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(path: Path, data: bytes, mode: int, *, replace: bool) -> bool:
    beside = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                beside.replace(path)
            else:
                os.link(beside, path)
        except FileExistsError:
            return False
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_refused(error, path) from error
    return True
