"""Waking those who wait for new rows, at the commit that writes them.

    with write_and_wake(engine) as connection: ...   as `write`; its commit wakes every Waiter of this database
    with Waiter(engine) as waiter: waiter.wait(1.0)  true when rows may have come

On PostgreSQL the commit itself does it (NOTIFY, delivered with the transaction or not at all). SQLite tells no other
process: there each waiter has a FIFO in a folder beside the database, and who has committed writes one byte to each. A
wake-up carries nothing and may be missed (a kill between the commit and the byte): a waiter reads the rows themselves,
and looks by itself when nothing woke it for a while.
"""

from __future__ import annotations

import os
import secrets
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast

from sqlalchemy import Connection, Engine, text

from ledger.errors import Unavailable
from ledger.store.database import write

CHANNEL: Final = "suyuan_rows"

_READY, _MADE = ".fifo", ".made"


@contextmanager
def write_and_wake(engine: Engine) -> Iterator[Connection]:
    """One write transaction, as `write`; those who wait are woken by its commit. A block that raises wakes nobody."""
    with write(engine) as connection:
        yield connection
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"NOTIFY {CHANNEL}"))
    if engine.dialect.name == "sqlite":
        _ring(engine)


class Waiter:
    """Waits for commits of `write_and_wake`. For one thread; `stop` may come from any.

    It listens from when it is made: rows that are read afterwards are not missed. Unavailable when the database cannot
    be listened to, or no longer.
    """

    def __init__(self, engine: Engine) -> None:
        self._stopped, self._stop = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stopped, selectors.EVENT_READ)
        self._source: _Listening | _Fifo | None = None
        try:
            self._source = _Listening(engine) if engine.dialect.name == "postgresql" else _fifo_of(engine)
            if self._source is not None:
                self._selector.register(self._source.handle, selectors.EVENT_READ)
        except BaseException:
            self.close()
            raise

    def wait(self, seconds: float) -> bool:
        """True when somebody committed since the last call, or `stop` was called; false after `seconds`."""
        ready = self._selector.select(seconds)
        if self._source is not None and any(key.fd == self._source.handle for key, _ in ready):
            self._source.drain()
        return bool(ready)

    def stop(self) -> None:
        """Every wait, this one and later ones, ends at once."""
        with suppress(OSError):  # closed already
            self._stop.send(b"\0")

    def close(self) -> None:
        self._selector.close()
        self._stop.close()
        self._stopped.close()
        if self._source is not None:
            self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


class _Listening:
    """A connection of its own that LISTENs."""

    def __init__(self, engine: Engine) -> None:
        lent = engine.raw_connection()
        self._driver = cast(Any, lent.driver_connection)
        lent.detach()  # never again lent to anybody else
        self._lent = lent
        try:
            self._driver.autocommit = True
            self._driver.execute(f"LISTEN {CHANNEL}")
        except Exception as error:
            lent.close()
            raise _deaf(error) from error
        self.handle: int = self._driver.fileno()

    def drain(self) -> None:
        try:
            self._driver.pgconn.consume_input()
            while self._driver.pgconn.notifies() is not None:
                pass
        except Exception as error:
            raise _deaf(error) from error

    def close(self) -> None:
        with suppress(Exception):  # a connection that is lost already
            self._lent.close()


def _deaf(error: Exception) -> Unavailable:
    return Unavailable(
        f"The database server cannot be listened to: {type(error).__name__}.", hint="It is tried again by itself."
    )


# --- SQLite ----------------------------------------------------------------------------------------------------------


class _Fifo:
    """A named pipe that is ready to be written to before others can see it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        made, self._path = folder / (name + _MADE), folder / (name + _READY)
        os.mkfifo(made, 0o600)
        # Open for both, so that it never reads as ended while nobody writes.
        self.handle = os.open(made, os.O_RDWR | os.O_NONBLOCK)
        made.rename(self._path)

    def drain(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self.handle, 4096):
                pass

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self.handle)


def _ring(engine: Engine) -> None:
    folder = _folder_of(engine)
    if folder is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_READY):
                _ring_one(entry.path)


def _ring_one(path: str) -> None:
    """A waiter whose pipe is full has not looked yet, and will; one that died has left its pipe behind."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError:  # nobody holds the other end
        with suppress(OSError):
            os.unlink(path)
        return
    with suppress(OSError):
        os.write(handle, b"\0")
    os.close(handle)


def _fifo_of(engine: Engine) -> _Fifo | None:
    """None for a database in memory, which no other process can write to."""
    folder = _folder_of(engine)
    return _Fifo(folder) if folder else None


def _folder_of(engine: Engine) -> Path | None:
    file = engine.url.database
    on_disk = file is not None and file != ":memory:" and not file.startswith("file:")
    return Path(str(file)).parent / "run" / "waiting" if on_disk else None
