"""A PostgreSQL of our own that syncs at each commit, as a server does; reached by its socket, and by TCP on loopback for peers."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from postgresql_cluster import Cluster, postgresql_cluster  # scripts/bench/* put tests/ on the path


@dataclass
class Server:
    """`port` on 127.0.0.1; user postgres, any password."""

    cluster: Cluster
    port: int
    _made: int = 0

    def new_database(self, *, by_bytes: bool = False) -> str:
        """The name of an empty database; `by_bytes`: one that compares texts by their bytes, not by a language's rules."""
        name = f"bench{self._made}"
        self._made += 1
        how = ("--template=template0", "--locale-provider=libc", "--locale=C") if by_bytes else ()
        self.cluster.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", *how, name)
        return name

    def url(self, name: str) -> str:
        """For SQLAlchemy, by the socket."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.cluster.folder}&port={self.port}"


@contextmanager
def postgresql_server(settings: Sequence[str] = ()) -> Iterator[Server]:
    """`settings` beside the server's own: NAME=VALUE."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with postgresql_cluster(durable=True) as cluster:
        cluster.stop()
        folder = str(cluster.folder)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{folder}' -c timezone=UTC"
        options += "".join(f" -c {setting}" for setting in settings)
        cluster.run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        yield Server(cluster, port)
