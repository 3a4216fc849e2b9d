"""An archive of files with a manifest: written as they come, and believed only when all of it was read and compared.

Inside the sealed stream lies a gzipped tar; its last entry, `manifest.json`, names each other one with its SHA-256.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import secrets
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ledger.errors import BadInput, Conflict
from ledger.operate.sealed_stream import SealedReader, SealingWriter
from ledger.store.atomic import disk_refused, sync_folder

MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 512 * 1024 * 1024


class ArchiveWriter:
    """Takes entries one by one; see `writing`."""

    def __init__(self, stream: SealingWriter) -> None:
        self._zip = gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=6)
        self._tar = tarfile.TarFile(fileobj=self._zip, mode="w", format=tarfile.PAX_FORMAT)
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes) -> None:
        self.add_stream(name, io.BytesIO(data), len(data))

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self.add_stream(name, file, os.fstat(file.fileno()).st_size)

    def add_stream(self, name: str, source: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
        hashed = _Hashing(source)
        self._tar.addfile(entry, hashed)
        self.files[name] = {"sha256": hashed.digest.hexdigest(), "bytes": size}

    def finish(self, manifest: dict[str, Any]) -> None:
        data = json.dumps({**manifest, "files": self.files}, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        self._tar.addfile(entry, io.BytesIO(data))
        self._tar.close()
        self._zip.close()


class _Hashing(io.RawIOBase):
    """Reads through, and keeps the digest."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing(path: Path, passphrase: str | None) -> Iterator[ArchiveWriter]:
    """The archive at `path`, mode 0600, whole or not at all. Conflict when something is there: no backup is overwritten."""
    if path.exists():
        raise _taken(path)
    beside = path.with_name(f".new-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            stream = SealingWriter(file, passphrase)
            try:
                yield ArchiveWriter(stream)
            except BaseException:
                stream.abandon()
                raise
            stream.close()
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise disk_refused(error, path) from error
    finally:
        beside.unlink(missing_ok=True)


def verify(path: Path, passphrase: str | None) -> dict[str, Any]:
    """The manifest, once every byte was read and every digest compared. BadInput, WrongPassword; nothing is written."""
    return _read_through(path, passphrase, lambda name, source: _drain(source))


def unpack(path: Path, passphrase: str | None, target: Path, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """Writes the wanted entries below `target`, compared again while they are written. BadInput leaves them there:
    `target` is a scratch folder."""

    def write(name: str, source: IO[bytes]) -> str:
        if not wanted(name):
            return _drain(source)
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while part := source.read(1 << 20):
                digest.update(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        return digest.hexdigest()

    return _read_through(path, passphrase, write)


def _read_through(path: Path, passphrase: str | None, take: Callable[[str, IO[bytes]], str]) -> dict[str, Any]:
    found: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with path.open("rb") as file:
            stream = SealedReader(path, file, passphrase)
            with tarfile.open(fileobj=gzip.GzipFile(fileobj=io.BufferedReader(stream, 1 << 20)), mode="r|") as tar:
                for entry in tar:
                    source = tar.extractfile(entry) if entry.isfile() and _is_plain(entry.name) else None
                    if source is None or manifest is not None:
                        raise _strange(path, f"It holds an entry that no backup has: {entry.name!r}.")
                    if entry.name == MANIFEST:
                        manifest = json.loads(source.read(MOST_MANIFEST_BYTES))
                    elif entry.name in found:
                        raise _strange(path, f"{entry.name} stands in it twice.")
                    else:
                        found[entry.name] = take(entry.name, source)
            while stream.read(1 << 20):
                pass  # the rest of the stream, so that its end is seen
    except FileNotFoundError:
        raise BadInput("There is no such backup.", where=str(path), hint="Check the name.") from None
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, ValueError) as error:
        raise _strange(path, f"It cannot be read: {error}.") from None
    except OSError as error:
        raise disk_refused(error, path) from error
    if manifest is None:
        raise _strange(path, "It has no manifest.")
    stated = {name: str(each["sha256"]) for name, each in manifest["files"].items()}
    if stated != found:
        name = next(name for name in {**stated, **found} if stated.get(name) != found.get(name))
        raise _strange(path, f"{name} is not what the manifest says.")
    return manifest


def _drain(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := source.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _is_plain(name: str) -> bool:
    """A path that stays below the folder into which it is unpacked."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


def _strange(path: Path, what: str) -> BadInput:
    return BadInput(f"This backup is damaged. {what} Nothing was restored.", where=str(path), hint="Use another copy.")


def _taken(path: Path) -> Conflict:
    return Conflict("There is a file of that name already.", where=str(path), hint="Give the new backup another name.")
