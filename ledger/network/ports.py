"""Ports on loopback: chosen once, when a node is made, and checked each time before it starts."""

from __future__ import annotations

import errno
import random
import socket

from ledger.errors import Unavailable

#: Where ports are looked for: below those that the system gives to outgoing connections (32768 and up on Linux), so
#: that none of these takes a node's place while it is down.
FIRST, LAST = 20_000, 32_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens there. An address that is not this machine's is for the node to try."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def free_ports(count: int, preferred: int | None = None) -> list[int]:
    """`count` ports that nobody listens on: from `preferred` on if all of these are free, else anywhere."""
    if preferred is not None and all(is_free(port) for port in range(preferred, preferred + count)):
        return list(range(preferred, preferred + count))
    found: list[int] = []
    for port in random.sample(range(FIRST, LAST), LAST - FIRST):
        if is_free(port):
            found.append(port)
            if len(found) == count:
                return found
    raise Unavailable("Too few ports are free on 127.0.0.1.", hint="Stop something that listens there.")


def require_free(host: str, port: int, what: str, where: str) -> None:
    """Unavailable where somebody else listens already."""
    if not is_free(port, host):
        raise Unavailable(
            f"{what} cannot listen on {host}:{port}: another program does.",
            where=where,
            hint="Stop that program, or name another port in network.json.",
        )
