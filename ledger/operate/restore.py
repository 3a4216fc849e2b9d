"""Restores a backup into an empty folder: verified wholly first, made ready beside it, then put in place at once.

Rows that were signed or sent are followed by the very transaction that they hold, so a backup that is older than what its home sent
since does not send twice; what was only queued is signed again, and the contracts take a repeat without harm.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.chain.profiles import profile_named
from ledger.config import Home, Settings
from ledger.errors import BadInput, Conflict, NotFound, Unavailable
from ledger.operate.backup import CHAIN, ROWS, manifest_fault
from ledger.operate.backup_archive import unpack, verify
from ledger.operate.local_rows import insert_rows
from ledger.store.atomic import disk_refused, sync_folder
from ledger.store.database import open_engine, read, write
from ledger.store.migrate import current_revision, ensure_schema, migrate_to

_SCRATCH = ".restoring-"


@dataclass(frozen=True)
class Restored:
    """`pending` counts rows of the outbox that go on. `chain_asked` is false when no node could say whether it is the chain."""

    home: Path
    rows: int
    pending: int
    made_at: int
    chain_asked: bool
    without_passwords: bool


def restore(file: Path, home: Home, *, passphrase: str | None, rpc_url: str | None = None) -> Restored:
    """`home` as it was. `rpc_url`: follow the chain there, instead of the one that the home ran or followed.

    BadInput (damaged), WrongPassword, Conflict (target not empty, another chain): nothing is there then.
    """
    _require_empty(home.path)
    manifest = verify(file, passphrase)
    fault = manifest_fault(manifest)
    if fault is not None:
        raise BadInput(fault, where=str(file), hint="Use the version of Suyuan that made it.")
    with _beside(home.path) as scratch:
        unpack(file, passphrase, scratch, lambda name: name != CHAIN or rpc_url is None)
        fresh = Home(scratch)
        settings = _settings(fresh, rpc_url)
        asked = _require_same_chain(fresh, settings, manifest)
        settings.save(fresh)
        for folder in (fresh.logs, fresh.run, fresh.documents):
            folder.mkdir(exist_ok=True, parents=True)
        rows = _load_rows(fresh, manifest)
        shutil.rmtree(scratch / ROWS.rstrip("/"))
        os.sync()
        _put_in_place(scratch, home.path)
    passwords = any(home.keys.glob("*.password"))
    return Restored(
        home=home.path,
        rows=rows,
        pending=int(manifest["pending"]),
        made_at=int(manifest["made_at"]),
        chain_asked=asked,
        without_passwords=settings.development and not passwords,
    )


def _require_empty(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(
            f"{target} is not empty, and a backup is restored into an empty folder only.",
            hint="Name another folder with --home, or move this one away.",
        )


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A scratch folder on the same disk; gone afterwards unless it was put in place. It holds keys: what a killed run left
    is swept away."""
    folder = target.absolute().parent
    scratch = folder / f"{_SCRATCH}{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_SCRATCH}*"):
            if not _in_use(left):
                shutil.rmtree(left, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        with _held(scratch):
            yield scratch
    except OSError as error:
        raise disk_refused(error, target) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Locks the folder itself; the system lets go when the process dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _in_use(folder: Path) -> bool:
    try:
        with _held(folder):
            return False
    except OSError:
        return True


def _settings(fresh: Home, rpc_url: str | None) -> Settings:
    settings = Settings.load(fresh)
    if rpc_url is None:
        return settings
    elsewhere = profile_named(settings.profile).run_by_home
    return dataclasses.replace(
        settings, rpc_url=rpc_url, rpc_urls=(), chain_elsewhere=elsewhere or settings.chain_elsewhere
    )


def _require_same_chain(fresh: Home, settings: Settings, manifest: dict[str, Any]) -> bool:
    """Whether the node could be asked. Conflict when it serves another chain than the backup's."""
    profile = profile_named(settings.profile)
    if profile.run_by_home and not settings.chain_elsewhere:
        return True  # it comes along
    client = Client(settings.rpc_url, profile)
    try:
        client.require_chain(settings.chain_id)
        genesis = client.block(0).hash
        missing = _missing_contract(client, fresh)
    except BadInput as error:
        raise _another_chain(str(error), settings) from None
    except (Unavailable, NotFound):
        return False
    finally:
        client.close()
    if manifest["genesis"] not in (None, genesis):
        raise _another_chain("its first block is another", settings)
    if missing is not None:
        raise _another_chain(f"the contract {missing} does not stand there", settings)
    return True


def _missing_contract(client: Client, fresh: Home) -> str | None:
    try:
        deployment = Deployment.load(fresh)
    except NotFound:
        return None
    codes = client.codes(list(deployment.addresses.values()))
    return next((name for name, code in zip(deployment.addresses, codes, strict=True) if not code), None)


def _another_chain(why: str, settings: Settings) -> Conflict:
    return Conflict(
        f"The node at {settings.rpc_url} serves another chain than the backup's: {why}. Nothing was restored.",
        hint="Name a node of the backup's chain with --rpc-url.",
    )


def _load_rows(fresh: Home, manifest: dict[str, Any]) -> int:
    """Into a new database at the backup's own revision, which is then brought up to this version's. Conflict when the database
    that SUYUAN_DATABASE_URL names has tables already."""
    engine = open_engine(fresh.database_url)
    try:
        with read(engine) as connection:
            standing = current_revision(connection)
        if standing is not None:
            raise Conflict(
                "The database has tables already, and a backup is restored into an empty one only.",
                where=engine.url.render_as_string(hide_password=True),
                hint="Make an empty database and name it in SUYUAN_DATABASE_URL.",
            )
        with write(engine) as connection:
            migrate_to(connection, manifest["revision"], engine)
            count = sum(
                insert_rows(connection, name, fresh.path / f"{ROWS}{name}.jsonl") for name in manifest["tables"]
            )
        ensure_schema(engine)
    finally:
        engine.dispose()
    return count


def _put_in_place(scratch: Path, target: Path) -> None:
    try:
        scratch.rename(target)  # over an empty folder, or where there is none
    except OSError:
        _require_empty(target)  # somebody filled it meanwhile
        raise
    sync_folder(target.absolute().parent)
