"""Ports on this machine that nobody has."""

from __future__ import annotations

import socket

from ledger.errors import Unavailable


def free_url(preferred: int) -> str:
    """An address on 127.0.0.1: at the preferred port, or at a free one where somebody has that."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return f"http://127.0.0.1:{probe.getsockname()[1]}"
    raise Unavailable("No port is free on 127.0.0.1.", hint="Close something that listens there.")
