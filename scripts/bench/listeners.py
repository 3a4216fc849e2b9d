"""A hundred real HTTP subscribers of one stream, each with a connection of its own, in a process of their own.

Plain sockets and one `select` loop, so that the listeners themselves cost as little as can be: on two cores they share
the machine with what is measured. Times are of CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

Arrivals = dict[str, list[float]]
"""The id of an event: when each listener had read it, in seconds of the monotonic clock."""

_END = b"\n\n"


class Listeners:
    """`take` gives what arrived since the last call; `close` tells after how long every stream had ended."""

    def __init__(self, url: str, count: int) -> None:
        self.count = count
        self._ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_listen, args=(url, count, theirs), daemon=True)
        self._process.start()
        theirs.close()
        if self._ours.recv() != "listening":
            raise RuntimeError("The listeners could not connect.")

    def await_event(self, identity: str, seconds: float) -> list[float]:
        """When each listener had read this event; fewer times than listeners when it did not reach all in time."""
        self._ours.send((identity, seconds))
        arrived: list[float] = self._ours.recv()
        return arrived

    def await_end(self, seconds: float) -> float | None:
        """When the last stream had ended; None when one goes on."""
        self._ours.send((None, seconds))
        ended: float | None = self._ours.recv()
        return ended

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


def _listen(url: str, count: int, pipe: Connection) -> None:
    place = urlsplit(url)
    request = f"GET {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\nAccept: text/event-stream\r\n\r\n"
    selector = selectors.DefaultSelector()
    rest: dict[int, bytes] = {}
    for _ in range(count):
        line = socket.create_connection((place.hostname, place.port))
        line.sendall(request.encode())
        while _END not in line.recv(4096):  # the head, and the stream's first words
            pass
        line.setblocking(False)
        selector.register(line, selectors.EVENT_READ)
        rest[line.fileno()] = b""
    selector.register(pipe, selectors.EVENT_READ)
    time.sleep(0.5)  # until each is registered: the stream's first words come before
    pipe.send("listening")
    arrivals: Arrivals = {}
    asked: tuple[str | None, float] | None = None
    last_end = 0.0
    while True:
        for key, _ in selector.select(0.05):
            if key.fileobj is pipe:
                identity, seconds = pipe.recv()
                asked = (identity, time.monotonic() + seconds)
                continue
            line = key.fileobj  # type: ignore[assignment]  # the selector knows no more than that it has a fileno
            data = line.recv(65536)
            now = time.monotonic()
            if not data:
                selector.unregister(line)
                line.close()
                count -= 1
                last_end = now
                continue
            *events, rest[key.fd] = (rest[key.fd] + data).split(_END)
            for event in events:
                for field in event.split(b"\n"):
                    if field.startswith(b"id: "):
                        arrivals.setdefault(field[4:].decode(), []).append(now)
        if asked is None:
            continue
        identity, deadline = asked
        late = time.monotonic() > deadline
        if identity is None and (late or not count):
            pipe.send(None if count else last_end)
            asked = None
        elif identity is not None and (late or len(arrivals.get(identity, ())) >= count):
            pipe.send(arrivals.pop(identity, []))
            asked = None
