"""Backs up what the chain cannot give back: documents, openings, keys, local rows with the pending outbox, configuration.

Everything may run meanwhile. The rows are one snapshot, taken first: documents are stored before the rows that speak of
them, and the chain only grows, so what is read later holds all that the rows need. Derived rows are left out, and so
are tokens of sessions, the signer's local secret, and a development home's passwords unless they are asked for.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from ledger import __version__
from ledger.chain.outbox import CLOSED
from ledger.config import Home
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput, SuyuanError, Unavailable
from ledger.operate.backup_archive import ArchiveWriter, writing
from ledger.operate.local_rows import table_names, write_rows
from ledger.store.database import read
from ledger.store.migrate import current_revision
from ledger.store.schema import outbox

FORMAT = 1

#: Entries of an archive, by what their names begin with.
ROWS, KEYS, DOCUMENTS, CHAIN = "rows/", "keys/", "documents/", "chain.sqlite"
SETTINGS = ("config.json", "deployment.json", "deployment.plan.json", "network.json")

_NOT_TAKEN = ("signer.secret",)  # made anew on first use; nobody else knows it


@dataclass(frozen=True)
class MadeBackup:
    """What an archive holds. `damaged` names files of the document store that are not what their names say: left out."""

    file: Path
    sealed: bool
    documents: int
    openings: int
    keys: int
    rows: int
    pending: int
    with_chain: bool
    with_passwords: bool
    damaged: tuple[str, ...]


def back_up(home: Home, file: Path, *, passphrase: str | None, with_development_passwords: bool = False) -> MadeBackup:
    """Writes the archive, mode 0600. BadInput where there is no home, Conflict when the file exists."""
    ledger = open_ledger(home)
    if with_development_passwords and not ledger.settings.development:
        raise BadInput(
            "This is no development home: no password lies in it.", hint="Leave out --with-development-passwords."
        )
    with writing(file, passphrase) as archive:
        rows, pending, revision = _add_rows(archive, ledger)
        with_chain = ledger.profile.run_by_home and not ledger.settings.chain_elsewhere and home.chain_file.exists()
        if with_chain:
            _add_chain(archive, home)
        documents, openings, damaged = _add_documents(archive, ledger)
        keys = _add_keys(archive, home, with_development_passwords)
        for name in SETTINGS:
            if (home.path / name).exists():
                archive.add_file(name, home.path / name)
        archive.finish(
            {
                "format": FORMAT,
                "made_at": int(time.time()),
                "made_by": f"suyuan {__version__}",
                "revision": revision,
                "tables": table_names(),
                "chain_id": ledger.settings.chain_id,
                "genesis": _genesis(ledger),
                "with_chain": with_chain,
                "pending": pending,
            }
        )
    return MadeBackup(
        file=file,
        sealed=passphrase is not None,
        documents=documents,
        openings=openings,
        keys=keys,
        rows=rows,
        pending=pending,
        with_chain=with_chain,
        with_passwords=with_development_passwords,
        damaged=tuple(damaged),
    )


def _add_rows(archive: ArchiveWriter, ledger: Ledger) -> tuple[int, int, str | None]:
    """All local rows as of one moment: how many, how many of the outbox are under way, and the tables' revision."""
    count = 0
    with read(ledger.engine) as connection:
        revision = current_revision(connection)
        pending = _pending(connection)
        for name in table_names():
            with tempfile.TemporaryFile(dir=ledger.home.path) as file:
                count += write_rows(connection, name, file)
                size = file.tell()
                file.seek(0)
                archive.add_stream(f"{ROWS}{name}.jsonl", file, size)
    return count, pending, revision


def _pending(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(outbox.c.state.not_in(CLOSED))).scalar_one()


def _add_chain(archive: ArchiveWriter, home: Home) -> None:
    """The embedded chain's file: for such a home there is no other node. A snapshot, whether or not the chain runs."""
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".backup-") as folder:
        copy = Path(folder) / CHAIN
        try:
            with closing(sqlite3.connect(home.chain_file)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise Unavailable(
                f"The chain's file cannot be copied: {error}.", where=str(home.chain_file), hint="Try again."
            ) from None
        archive.add_file(CHAIN, copy)


def _add_documents(archive: ArchiveWriter, ledger: Ledger) -> tuple[int, int, list[str]]:
    counts, damaged = {True: 0, False: 0}, []
    for path in _files(ledger.home.documents):
        name = path.relative_to(ledger.home.documents).as_posix()
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # put anew just now, under a name that comes as well
        is_opening = name.startswith("openings/")
        if not _is_whole(ledger, name, data, is_opening):
            damaged.append(name)
            continue
        archive.add(DOCUMENTS + name, data)
        counts[is_opening] += 1
    return counts[False], counts[True], damaged


def _is_whole(ledger: Ledger, name: str, data: bytes, is_opening: bool) -> bool:
    if not is_opening:
        return hashlib.sha256(data).hexdigest() == name.rpartition("/")[2]
    try:
        return ledger.documents.get_opening(Path(name).stem) is not None
    except SuyuanError:
        return False


def _add_keys(archive: ArchiveWriter, home: Home, with_passwords: bool) -> int:
    """Keystores as they lie there, encrypted, and this home's other secrets; returns the number of keystores."""
    count = 0
    for path in _files(home.keys):
        if path.name in _NOT_TAKEN or (path.suffix == ".password" and not with_passwords):
            continue
        archive.add_file(KEYS + path.relative_to(home.keys).as_posix(), path)
        count += path.suffix == ".json"
    return count


def _files(folder: Path) -> Iterator[Path]:
    """Without what is being written just now (`ledger.store.atomic`)."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".new-"):
            yield path


def _genesis(ledger: Ledger) -> str | None:
    """By which a restore tells this chain from another of the same id; None where the node is away now."""
    try:
        return str(ledger.client.block(0).hash)
    except SuyuanError:
        return None


def manifest_fault(manifest: dict[str, Any]) -> str | None:
    """Why this version cannot restore an archive, or None."""
    if manifest.get("format") != FORMAT:
        return f"It has format {manifest.get('format')}, and this version reads format {FORMAT}."
    return None
