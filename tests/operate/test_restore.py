"""A backup comes back whole, into an empty folder, on its own chain; and what it holds under way goes on, once."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from homes_world import (
    PASSWORDS,
    Homes,
    at_work,
    digest_of,
    free_port,
    harvest,
    said,
    say,
    seal_quickly,
    sender_of,
    signing,
    statements_on_chain,
)
from postgresql_cluster import Cluster
from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import pending, rows_by_id
from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput, Conflict, SuyuanError, WrongPassword
from ledger.index.ours import our_rebuild
from ledger.operate import sealed_stream
from ledger.operate.backup import back_up
from ledger.operate.restore import Restored, restore
from ledger.store.database import read, write
from ledger.store.schema import LOCAL, bank_account, outbox

PHRASE = "a backup of the farm's own"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_stream, "WORK", (2**4, 8, 1))
    seal_quickly(monkeypatch)


def backed_up(world: Homes, folder: Path) -> Path:
    file = folder / f"backup-{time.monotonic_ns()}"
    back_up(world.homes["farm"], file, passphrase=PHRASE)
    return file


def brought_back(file: Path, folder: Path) -> tuple[Home, Restored]:
    home = Home(folder / "restored")
    return home, restore(file, home, passphrase=PHRASE)


def local_rows(ledger: Ledger) -> dict[str, list[Any]]:
    with read(ledger.engine) as connection:
        return {table.name: _rows(connection, table) for table in LOCAL}


def _rows(connection: Connection, table: Any) -> list[Any]:
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


@pytest.fixture
def farm(world: Homes) -> Iterator[Ledger]:
    """The farm's home at work, its sender aside: what is queued stays under way until somebody sends."""
    with at_work(world.homes["farm"], "farm", sending=False) as ledger:
        yield ledger
        _send_all(ledger)


def _send_all(ledger: Ledger) -> None:
    sender = sender_of(ledger)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        sender.step()
        with read(ledger.engine) as connection:
            if not pending(connection):
                return
        time.sleep(0.05)
    raise AssertionError("the outbox does not drain")


# --- refusals ----------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_left_alone(world: Homes, tmp_path: Path) -> None:
    file = backed_up(world, tmp_path)
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "letter.txt").write_text("Dear farm")
    for target in (letters, world.homes["merchant"].path, file):
        with pytest.raises(Conflict, match="is not empty"):
            restore(file, Home(target), passphrase=PHRASE)
    assert [path.name for path in letters.iterdir()] == ["letter.txt"]


def test_a_damaged_archive_leaves_no_trace(world: Homes, tmp_path: Path) -> None:
    file = backed_up(world, tmp_path)
    whole = file.read_bytes()
    target = tmp_path / "there" / "restored"
    for damaged in (whole[: len(whole) // 2], whole[:-1], whole[:200] + b"\0" + whole[201:], whole[:-30] + bytes(30)):
        file.write_bytes(damaged)
        with pytest.raises(SuyuanError):
            restore(file, Home(target), passphrase=PHRASE)
        assert not target.parent.exists()
    file.write_bytes(whole)
    with pytest.raises(WrongPassword):
        restore(file, Home(target), passphrase="another passphrase")
    assert not target.parent.exists()


def test_another_chain_is_refused(world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("ledger.operate.backup._genesis", lambda ledger: "0x" + "00" * 32)
        other_beginning = backed_up(world, tmp_path)
    copy = Home(tmp_path / "copy")
    restore(backed_up(world, tmp_path), copy, passphrase=PHRASE)
    deployment, settings = Deployment.load(copy), Settings.load(copy)
    dataclasses.replace(deployment, addresses={**deployment.addresses, "Escrow": "0x" + "11" * 20}).save(copy)
    back_up(copy, other_contracts := tmp_path / "other-contracts", passphrase=PHRASE)
    deployment.save(copy)
    dataclasses.replace(settings, chain_id=settings.chain_id + 1).save(copy)
    back_up(copy, other_id := tmp_path / "other-id", passphrase=PHRASE)
    for file, why in (
        (other_beginning, "its first block is another"),
        (other_contracts, "the contract Escrow does not stand there"),
        (other_id, "serves chain 7719"),
    ):
        with pytest.raises(Conflict, match=why):
            restore(file, Home(tmp_path / "target"), passphrase=PHRASE)
        assert not (tmp_path / "target").exists()


def test_what_a_killed_restore_left_is_swept_and_what_runs_is_not(world: Homes, tmp_path: Path) -> None:
    left, running = tmp_path / ".restoring-0123", tmp_path / ".restoring-4567"
    for folder in (left, running):
        (folder / "keys").mkdir(parents=True)
        (folder / "keys" / "farm.json").write_text("{}")
    handle = os.open(running, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        brought_back(backed_up(world, tmp_path), tmp_path)
    finally:
        os.close(handle)
    assert not left.exists()
    assert (running / "keys" / "farm.json").exists()


def test_a_database_that_holds_tables_is_refused(world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backed_up(world, tmp_path)
    open_ledger(world.homes["merchant"]).engine.dispose()
    monkeypatch.setenv("SUYUAN_DATABASE_URL", f"sqlite:///{world.homes['merchant'].path / 'ledger.sqlite'}")
    with pytest.raises(Conflict, match="The database has tables already"):
        restore(file, Home(tmp_path / "restored"), passphrase=PHRASE)
    assert not (tmp_path / "restored").exists()


def test_one_from_a_newer_version_is_refused(world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("ledger.operate.backup.FORMAT", 2)
        file = backed_up(world, tmp_path)
    with pytest.raises(BadInput, match="It has format 2"):
        restore(file, Home(tmp_path / "restored"), passphrase=PHRASE)
    with monkeypatch.context() as newer:
        newer.setattr("ledger.operate.backup.current_revision", lambda connection: "9999")
        file = backed_up(world, tmp_path)
    with pytest.raises(SuyuanError, match="newer version"):
        restore(file, Home(tmp_path / "restored"), passphrase=PHRASE)
    assert not (tmp_path / "restored").exists()


# --- what comes back ---------------------------------------------------------------------------------------------------


def test_documents_keys_rows_and_settings_come_back_and_tokens_do_not(
    farm: Ledger, world: Homes, tmp_path: Path
) -> None:
    say(farm, "farm", harvest("COMES-BACK"))
    with write(farm.engine) as connection:
        values = {
            "identity": "ab" * 32,
            "member": 1,
            "holder": "农场 Farm",
            "number": "6222",
            "bank_code": "102100099996",
        }
        connection.execute(bank_account.insert().values(**values, named_at=1, seen_at=1))
    sessions = farm.home.path / "sessions"
    sessions.mkdir(exist_ok=True)
    (sessions / "farm.token").write_text("a token that opens the API")
    before = local_rows(farm)
    home, restored = brought_back(backed_up(world, tmp_path), tmp_path)
    assert local_rows(open_ledger(home)) == before
    assert restored.rows == sum(len(rows) for rows in before.values())
    assert _files(home.documents) == _files(farm.home.documents)
    keys = _files(farm.home.keys)
    del keys["signer.secret"]
    assert _files(home.keys) == keys
    assert (home.config_file.read_bytes(), home.deployment_file.read_bytes()) == (
        farm.home.config_file.read_bytes(),
        farm.home.deployment_file.read_bytes(),
    )
    assert not (home.path / "sessions").exists()
    assert not (home.path / "rows").exists()
    assert home.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with write(farm.engine) as connection:
        connection.execute(bank_account.delete())


def test_against_the_running_chain_the_digest_is_the_same(farm: Ledger, world: Homes, tmp_path: Path) -> None:
    result = say(farm, "farm", harvest("DIGEST"))
    _send_all(farm)
    said(farm, result)
    file = backed_up(world, tmp_path)
    later = say(farm, "farm", harvest("DIGEST-LATER"))  # after the backup: only the chain has it
    _send_all(farm)
    said(farm, later)
    home, _ = brought_back(file, tmp_path)
    ledger = open_ledger(home)
    our_rebuild(ledger.engine, ledger.client, ledger.deployment, ledger.documents, home.path / "scratch")
    ours, theirs = digest_of(ledger), digest_of(farm)
    assert ours != theirs  # the later statement stands sealed: its document came after the backup
    for name, data in _files(farm.home.documents).items():
        file = home.documents / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    our_rebuild(ledger.engine, ledger.client, ledger.deployment, ledger.documents, home.path / "scratch")
    assert digest_of(ledger) == theirs


def test_a_lost_database_is_rebuilt_from_chain_and_documents(farm: Ledger, tmp_path: Path) -> None:
    result = say(farm, "farm", harvest("LOST"))
    _send_all(farm)
    said(farm, result)
    expected = digest_of(farm)
    home = Home(tmp_path / "lost")
    home.path.mkdir()
    for name in ("config.json", "deployment.json"):
        (home.path / name).write_bytes((farm.home.path / name).read_bytes())
    os.symlink(farm.home.documents, home.documents)
    ledger = open_ledger(home)
    our_rebuild(ledger.engine, ledger.client, ledger.deployment, ledger.documents, home.path / "scratch")
    assert digest_of(ledger) == expected


# --- what is under way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["queued", pytest.param("signed", marks=pytest.mark.heavy), "sent"])
def test_what_was_under_way_goes_through_once(
    farm: Ledger, world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    result = say(farm, "farm", harvest(f"ONCE-{state}"))
    before = statements_on_chain(world)
    _bring_to(farm, state, monkeypatch)
    file = backed_up(world, tmp_path)
    home, restored = brought_back(file, tmp_path)
    assert restored.pending == 1
    ledger = open_ledger(home)
    _move_signer(home)
    with signing(home, "farm"):
        ledger = open_ledger(home)
        _send_all(ledger)
    with read(ledger.engine) as connection:
        assert [row.state for row in rows_by_id(connection, result.outbox_ids)] == ["final"]
    assert statements_on_chain(world) == before + 1
    _send_all(farm)  # the old home lives on, and sends the same
    assert statements_on_chain(world) == before + 1
    with read(farm.engine) as connection:
        assert [row.state for row in rows_by_id(connection, result.outbox_ids)] == ["final"]


@pytest.mark.parametrize("state", ["signed", pytest.param("sent", marks=pytest.mark.heavy)])
def test_an_old_backup_follows_what_its_home_sent_since_and_signs_nothing_anew(
    farm: Ledger, world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    first = say(farm, "farm", harvest(f"OLD-{state}"))
    _bring_to(farm, state, monkeypatch)
    file = backed_up(world, tmp_path)
    _send_all(farm)
    for number in range(3):  # the nonces go on
        say(farm, "farm", harvest(f"OLD-{state}-{number}"))
        _send_all(farm)
    on_chain = statements_on_chain(world)
    home, _ = brought_back(file, tmp_path)
    ledger = open_ledger(home)
    with read(ledger.engine) as connection:
        (row,) = rows_by_id(connection, first.outbox_ids)
    # No signer runs: what is followed needs none.
    _send_all(ledger)
    with read(ledger.engine) as connection:
        (after,) = rows_by_id(connection, first.outbox_ids)
    assert (after.state, after.nonce, after.tx_hash) == ("final", row.nonce, row.tx_hash)
    assert statements_on_chain(world) == on_chain


def test_what_was_queued_then_and_sent_since_is_sent_again_without_harm(
    farm: Ledger, world: Homes, tmp_path: Path
) -> None:
    result = say(farm, "farm", harvest("AGAIN"))
    file = backed_up(world, tmp_path)
    _send_all(farm)
    on_chain = statements_on_chain(world)
    home, _ = brought_back(file, tmp_path)
    _move_signer(home)
    with signing(home, "farm"):
        ledger = open_ledger(home)
        _send_all(ledger)
    with read(ledger.engine) as connection:
        (row,) = rows_by_id(connection, result.outbox_ids)
    assert row.state in ("final", "reverted")
    assert statements_on_chain(world) == on_chain  # the contract knows the statement: nothing is said twice


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.heavy)])
def test_restored_numbers_go_on(
    farm: Ledger,
    world: Homes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    database: str,
) -> None:
    say(farm, "farm", harvest(f"NUMBERS-{database}"))
    file, before = backed_up(world, tmp_path), local_rows(farm)
    _send_all(farm)
    if database == "postgresql":
        started: Cluster = request.getfixturevalue("cluster")
        monkeypatch.setenv("SUYUAN_DATABASE_URL", started.new_database())
    home, _ = brought_back(file, tmp_path)
    _move_signer(home)
    with signing(home, "farm"):
        ledger = open_ledger(home)
        assert ledger.engine.dialect.name == database
        assert local_rows(ledger) == before
        our_rebuild(ledger.engine, ledger.client, ledger.deployment, ledger.documents, home.path / "scratch")
        result = say(ledger, "farm", harvest(f"NEXT-{database}"))
        with read(ledger.engine) as connection:
            ids = connection.execute(select(outbox.c.id)).scalars().all()
        assert result.outbox_ids[0] == max(ids)
        assert len(set(ids)) == len(ids) == len(before["outbox"]) + 1
        _send_all(ledger)
        with pytest.raises(Conflict) if database == "postgresql" else nullcontext():
            restore(file, Home(tmp_path / "twice"), passphrase=PHRASE)  # PostgreSQL: the database has tables now
        ledger.engine.dispose()


# --- the commands ------------------------------------------------------------------------------------------------------


def test_the_commands_ask_for_a_passphrase_and_bring_the_home_back(
    world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file, target = str(world.homes["farm"].path), str(tmp_path / "backup"), str(tmp_path / "restored")
    monkeypatch.delenv("SUYUAN_BACKUP_PASSPHRASE", raising=False)
    assert run(["backup", "--out", file, "--home", home]) == 1
    assert "sealed with a passphrase, and there is none" in capsys.readouterr().err
    monkeypatch.setenv("SUYUAN_BACKUP_PASSPHRASE", "short")
    assert run(["backup", "--out", file, "--home", home]) == 1
    assert not Path(file).exists()
    monkeypatch.setenv("SUYUAN_BACKUP_PASSPHRASE", PHRASE)
    assert run(["backup", "--out", file, "--home", home]) == 0
    assert "keys (as encrypted as they were)" in capsys.readouterr().out
    assert run(["backup", "--out", file, "--with-development-passwords", "--home", home]) == 1
    assert "no development home" in capsys.readouterr().err
    assert run(["restore", file, "--home", target]) == 0
    assert "`suyuan up` rebuilds the others" in capsys.readouterr().out
    assert run(["restore", file, "--home", target]) == 1
    assert "is not empty" in capsys.readouterr().err


def test_a_damaged_document_is_left_out_and_told(
    farm: Ledger, world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUYUAN_BACKUP_PASSPHRASE", PHRASE)
    digest = farm.documents.put(b"a document")
    farm.documents.file_of(digest).write_bytes(b"a docuMent")
    assert run(["backup", "--out", str(tmp_path / "backup"), "--json", "--home", str(farm.home.path)]) == 1
    assert json.loads(capsys.readouterr().out)["damaged"] == [f"{digest[:2]}/{digest}"]
    home, _ = brought_back(tmp_path / "backup", tmp_path)
    assert not (home.documents / digest[:2] / digest).exists()
    farm.documents.file_of(digest).unlink()


def test_a_node_that_is_away_is_told_and_the_home_comes_back(
    world: Homes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUYUAN_BACKUP_PASSPHRASE", PHRASE)
    file = backed_up(world, tmp_path)
    words = ["restore", str(file), "--rpc-url", f"http://127.0.0.1:{free_port()}", "--home", str(tmp_path / "away")]
    assert run(words) == 0
    assert "No node could be asked" in capsys.readouterr().out
    assert Settings.load(Home(tmp_path / "away")).rpc_url == words[3]


def _bring_to(ledger: Ledger, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outbox's row as far as that, and no further."""
    if state == "queued":
        return
    sender = sender_of(ledger)
    with monkeypatch.context() as patch:
        if state == "signed":
            patch.setattr(sender, "_send_signed", lambda: 0)
        sender.step()
    with read(ledger.engine) as connection:
        assert [row.state for row in pending(connection)] == [state]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _move_signer(home: Home) -> None:
    """The old home's signer still runs at its port."""
    dataclasses.replace(Settings.load(home), signer_url=f"http://127.0.0.1:{free_port()}").save(home)


def test_passwords_never_reach_an_archive(world: Homes, tmp_path: Path) -> None:
    back_up(world.homes["farm"], tmp_path / "open", passphrase=None)
    restore(tmp_path / "open", Home(tmp_path / "restored"), passphrase=None)
    with sqlite3.connect(tmp_path / "restored" / "ledger.sqlite") as rows:
        dump = "\n".join(rows.iterdump())
    everything = dump.encode() + b"".join(_files(tmp_path / "restored").values())
    assert not [name for name, password in PASSWORDS.items() if password.encode() in everything]
