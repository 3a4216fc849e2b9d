"""The SQLite file that is the chain: who holds it, its tables, and the one transaction that each block is.

It knows bytes and rows, not the EVM. JSON is stored as the node will answer it: history is served, not computed.

Durability: blocks are committed with `synchronous=FULL`, so what a reader has seen survives `kill -9` and a power cut.
Waiting transactions are written by a second connection with `synchronous=NORMAL`: they survive `kill -9`, unsynced.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ledger.chain.embedded.sqlite_errors import explain
from ledger.errors import BadInput, Conflict, Unavailable

APPLICATION_ID = 0x53757975  # "Suyu", so that `file chain.sqlite` and we can tell it from other databases
FORMAT_VERSION = 1
_POSITION_BITS = 20  # a block of 60 M gas holds under 2**20 transactions or logs

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, json BLOB NOT NULL);
CREATE TABLE mined_transaction (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, json BLOB NOT NULL,
                                receipt BLOB NOT NULL, first_log INTEGER NOT NULL, end_log INTEGER NOT NULL);
CREATE TABLE log (id INTEGER PRIMARY KEY, address BLOB NOT NULL,
                  topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, json BLOB NOT NULL);
CREATE TABLE waiting_transaction (arrival INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, raw BLOB NOT NULL);
"""


def row_id(block: int, position: int = 0) -> int:
    """Rows of one block lie together and in order: `block * 2**20 + position`."""
    return block << _POSITION_BITS | position


@dataclass(frozen=True)
class TransactionRow:
    """`json` is the object of eth_getTransactionByHash; `receipt` that of eth_getTransactionReceipt without its logs.

    Its logs are the block's from `first_log` up to but without `end_log`.
    """

    hash: bytes
    json: bytes
    receipt: bytes
    first_log: int
    end_log: int


@dataclass(frozen=True)
class LogRow:
    """`topics` has up to four items of 32 bytes."""

    address: bytes
    topics: tuple[bytes, ...]
    json: bytes


@dataclass(frozen=True)
class BlockRows:
    """`json` is the object of eth_getBlockByNumber without its transactions."""

    number: int
    hash: bytes
    json: bytes
    transactions: tuple[TransactionRow, ...] = ()
    logs: tuple[LogRow, ...] = ()


class ChainFile:
    """The file, held by this process alone until `close`. Any thread may read; writers take turns."""

    def __init__(self, path: Path) -> None:
        """Opens or creates it. Unavailable: held by another process, not writable, full. BadInput: some other file."""
        self.path = path
        self._lock_file = _hold(path)
        self._reading = threading.local()
        self._writing = threading.Lock()
        try:
            new = self._is_new()
            self._blocks = self._connect("FULL")
            self._waiting = self._connect("NORMAL")
            if new:
                self._create()
        except sqlite3.Error as error:
            self._lock_file.close()
            raise explain(error, path) from error
        except BaseException:
            self._lock_file.close()
            raise

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=256
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA cache_size=-32000")
        return connection

    def _is_new(self) -> bool:
        """Whether tables must be made. Looks before anything is changed: a file that is no chain stays as it is."""
        with closing(sqlite3.connect(self.path)) as looking:
            application = looking.execute("PRAGMA application_id").fetchone()[0]
            version = looking.execute("PRAGMA user_version").fetchone()[0]
            tables = looking.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application == APPLICATION_ID:
            if version != FORMAT_VERSION:
                raise BadInput(
                    f"The chain's file has format {version}; this program reads format {FORMAT_VERSION}.",
                    where=str(self.path),
                    hint="Use the program that wrote it.",
                )
            return False
        if tables:
            raise BadInput(
                "This file is a database, but no chain.", where=str(self.path), hint="Name another file with --file."
            )
        return True

    def _create(self) -> None:
        with self._transaction(self._blocks):
            for statement in _TABLES.split(";"):
                self._blocks.execute(statement)
            self._blocks.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self._blocks.execute(f"PRAGMA user_version={FORMAT_VERSION}")

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """All or nothing, one writer at a time. What SQLite refuses is raised as a sentence."""
        with self._writing:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield
                connection.execute("COMMIT")
            except BaseException as error:
                with suppress(
                    sqlite3.Error
                ):  # SQLite may have rolled back by itself; the first error is the one to tell
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise explain(error, self.path) from error
                raise

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
        """Rows as committed. Each thread reads through its own connection; `release` closes it."""
        connection: sqlite3.Connection | None = getattr(self._reading, "connection", None)
        try:
            if connection is None:
                connection = self._connect("NORMAL")
                connection.execute("PRAGMA query_only=ON")
                self._reading.connection = connection
            return connection.execute(sql, tuple(parameters)).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def release(self) -> None:
        """Closes the calling thread's reading connection."""
        connection: sqlite3.Connection | None = getattr(self._reading, "connection", None)
        if connection is not None:
            del self._reading.connection
            connection.close()

    def node(self, key: bytes) -> bytes | None:
        """A value of py-evm's key-value database."""
        rows = self.query("SELECT value FROM node WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def meta(self, name: str) -> str | None:
        rows = self.query("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def write_block(
        self, block: BlockRows, nodes: Mapping[bytes, bytes | None], meta: Mapping[str, str] | None = None
    ) -> None:
        """One block with all that it changed, in one transaction; what it holds waits no longer. None: no node."""
        first = row_id(block.number)
        topics = [(*log.topics, None, None, None, None)[:4] for log in block.logs]
        with self._transaction(self._blocks):
            write = self._blocks
            write.executemany("INSERT INTO meta VALUES (?, ?)", (meta or {}).items())
            write.executemany(
                "REPLACE INTO node VALUES (?, ?)", [item for item in nodes.items() if item[1] is not None]
            )
            write.executemany(
                "DELETE FROM node WHERE key = ?", [(key,) for key, value in nodes.items() if value is None]
            )
            write.execute("INSERT INTO block VALUES (?, ?, ?)", (block.number, block.hash, block.json))
            write.executemany(
                "INSERT INTO mined_transaction VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (first | position, row.hash, row.json, row.receipt, first | row.first_log, first | row.end_log)
                    for position, row in enumerate(block.transactions)
                ],
            )
            write.executemany(
                "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(first | index, log.address, *topics[index], log.json) for index, log in enumerate(block.logs)],
            )
            write.executemany(
                "DELETE FROM waiting_transaction WHERE hash = ?", [(row.hash,) for row in block.transactions]
            )

    def keep_waiting(self, hash_: bytes, raw: bytes) -> None:
        """Stores a transaction that waits for its block."""
        with self._transaction(self._waiting):
            self._waiting.execute("INSERT OR IGNORE INTO waiting_transaction (hash, raw) VALUES (?, ?)", (hash_, raw))

    def forget_waiting(self, hashes: Iterable[bytes]) -> None:
        with self._transaction(self._waiting):
            self._waiting.executemany("DELETE FROM waiting_transaction WHERE hash = ?", [(hash_,) for hash_ in hashes])

    def waiting(self) -> list[bytes]:
        """The raw transactions that waited when the file was last written, oldest first."""
        return [raw for (raw,) in self.query("SELECT raw FROM waiting_transaction ORDER BY arrival")]

    def close(self) -> None:
        """Gives the file back, whole: what lies in the write-ahead log moves into it. Nothing may use it afterwards."""
        self.release()
        with self._writing:
            self._waiting.close()
            with suppress(
                sqlite3.Error
            ):  # a reader still looks, or the disk is full: the log then stays beside the file
                self._blocks.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._blocks.close()
            self._lock_file.close()


def _hold(path: Path) -> IO[bytes]:
    """Takes the file for this process. The lock lies beside it, since SQLite drops its locks when any handle closes."""
    lock_path = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock_file = open(lock_path, "ab")  # noqa: SIM115 - it stays open as long as the chain does
    except OSError as error:
        raise Unavailable(
            f"The chain's folder cannot be written: {os.strerror(error.errno or 0)}.",
            where=str(path.parent),
            hint="Check the folder and its permissions, or name another with --file.",
        ) from error
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise Conflict(
            "Another process runs this chain.", where=str(path), hint="Stop it first, or name another file with --file."
        ) from None
    return lock_file
