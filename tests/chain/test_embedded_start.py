"""What keeps the embedded chain from starting, and how it ends."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from embedded_node import RICH, Node

from ledger.chain.embedded.__main__ import funding
from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.chain_file import ChainFile
from ledger.chain.embedded.http_server import RpcServer
from ledger.errors import BadInput, Conflict, Unavailable

ACCOUNT = bytes.fromhex(RICH[0].address[2:])


def make(path: Path, chain_id: int = 7710, money: int = 5) -> bytes:
    """Writes a chain of one genesis and returns that block's hash."""
    file = ChainFile(path)
    try:
        return bytes(FileBackend(file, chain_id, {ACCOUNT: money}).head().hash)
    finally:
        file.close()


def test_a_port_in_use_ends_it_with_a_sentence_and_status_1(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "ledger.chain.embedded",
            f"--file={tmp_path / 'chain.sqlite'}",
            f"--port={port}",
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert f"Port {port} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])
def test_it_serves_no_other_machine(host: str) -> None:
    with pytest.raises(BadInput, match="this machine only"):
        RpcServer(host, 0, lambda: None)


def test_a_chain_that_another_process_runs_is_left_alone(tmp_path: Path) -> None:
    held = ChainFile(tmp_path / "chain.sqlite")
    try:
        with pytest.raises(Conflict, match="Another process runs this chain"):
            ChainFile(tmp_path / "chain.sqlite")
    finally:
        held.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unavailable, match="folder cannot be written"):
        ChainFile(tmp_path / "file" / "chain.sqlite")


def test_the_file_of_another_chain_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "chain.sqlite", chain_id=7711)
    with pytest.raises(Conflict, match="holds chain 7711, not chain 7710"):
        make(tmp_path / "chain.sqlite", chain_id=7710)


def test_a_file_that_is_no_chain_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    text, database = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("This is a letter, not a database. " * 100)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    for path, words in [(text, "not a SQLite database"), (database, "no chain")]:
        before = path.read_bytes()
        with pytest.raises(BadInput, match=words):
            ChainFile(path)
        assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["0x12:5", RICH[0].address, f"{RICH[0].address}:-1", f"{RICH[0].address}:1.5", ":5"])
def test_funding_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--fund"):
        funding([text])


def test_an_account_is_funded_once() -> None:
    with pytest.raises(BadInput, match="twice"):
        funding([f"{RICH[0].address}:1", f"{RICH[0].address.lower()}:2"])


def test_the_genesis_follows_from_chain_id_and_funding(tmp_path: Path) -> None:
    same, again = make(tmp_path / "a.sqlite"), make(tmp_path / "b.sqlite")
    assert same == again == make(tmp_path / "a.sqlite")
    assert same != make(tmp_path / "c.sqlite", chain_id=7711)
    assert same != make(tmp_path / "d.sqlite", money=6)
    assert same == make(tmp_path / "a.sqlite", money=6), "a file that exists keeps its genesis"


def test_it_ends_when_asked_says_what_it_ignored_and_leaves_one_file(tmp_path: Path) -> None:
    make(tmp_path / "chain.sqlite")
    node = Node(tmp_path / "chain.sqlite")
    balance = node.web3.eth.get_balance(RICH[0].address)
    status, said = node.stop()
    assert (status, balance) == (0, 5)
    assert "--fund is ignored" in said
    assert {path.name for path in tmp_path.iterdir()} <= {
        "chain.sqlite",
        "chain.sqlite.lock",
        "chain.sqlite-shm",
        "chain.sqlite-wal",
    }
    assert not (tmp_path / "chain.sqlite-wal").exists() or (tmp_path / "chain.sqlite-wal").stat().st_size == 0
