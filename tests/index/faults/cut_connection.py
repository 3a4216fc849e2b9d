"""A Unix socket before PostgreSQL's that cuts the connection at a COMMIT: before the server sees it, or before it can say
that it was done."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"  # the statement alone: not READ COMMITTED, nor ON COMMIT


class CuttingServer:
    """`cut` holds how often it cut, by whether the server had the COMMIT. It cuts while `rate` is above 0."""

    def __init__(self, folder: Path, real_folder: Path, *, seed: int, rate: float) -> None:
        self.rate, self.cut = rate, {"before": 0, "after": 0}
        self._real, self._chance = real_folder / SOCKET, random.Random(seed)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()

    @contextmanager
    def serving(self) -> Iterator[CuttingServer]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._real))
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(1 << 16):
                if COMMIT in said and self._chance.random() < self.rate:
                    when = self._chance.choice(["before", "after"])
                    _shut(client)
                    if when == "after":
                        server.sendall(said)
                        server.settimeout(1)
                        with suppress(OSError):
                            server.recv(1 << 16)  # done, but nobody hears of it; the other thread may have read it
                    self.cut[when] += 1
                    break
                server.sendall(said)
        _shut(client)
        _shut(server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(1 << 16):
            target.sendall(said)
    _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
