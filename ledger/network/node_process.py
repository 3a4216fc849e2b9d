"""A node as a process: started apart from the command that starts it, known again by its pid file, stopped, killed, paused."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ledger.errors import BadInput, Unavailable
from ledger.network.layout import LOOPBACK, Network, Node
from ledger.network.ports import is_free, require_free
from ledger.operate.answering import rpc_answers
from ledger.operate.processes import command_line
from ledger.store.atomic import write_atomically

Condition = Literal["running", "paused", "down"]

STOP_SECONDS = 15.0
LISTEN_SECONDS = 30.0

#: Enough for what a whole consortium has under way.
BATCH_CALLS, POOL_SLOTS, ACCOUNT_SLOTS = 200, 40_960, 20_000


def start_nodes(
    network: Network, nodes: Sequence[Node], binary: Path, within: Callable[[Node], Sequence[str]] = lambda node: ()
) -> list[Node]:
    """Starts those that do not run, beside one another, and returns them. Their JSON-RPC listens when this returns.
    `within`: a command that becomes the node's, for example in a network namespace of its own.

    BadInput for a data folder of another network; Unavailable for a port in use, or with a node's last words when it ends.
    """
    down = [node for node in nodes if condition(network, node) == "down"]
    for node in down:
        _require_own_folder(network, node)
        for host, port in _places(node):
            require_free(host, port, f"Node {node.number} ({node.member})", str(network.folder / "network.json"))
    started = [(node, *_spawn(network, node, [*within(node), str(binary)])) for node in down]
    for node, process, said_before in started:
        _await_listening(network, node, process, said_before)
    return down


def stop_node(network: Network, node: Node) -> bool:
    """SIGTERM, and SIGKILL to one that has not gone in time; whether it ran."""
    pid = pid_of(network, node)
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM)
    _signal(pid, signal.SIGCONT)  # a paused one hears it only then
    if not _gone(network, node, STOP_SECONDS):
        _signal(pid, signal.SIGKILL)
        _gone(network, node, STOP_SECONDS)
    network.pid_file(node).unlink(missing_ok=True)
    return True


def kill_node(network: Network, node: Node) -> bool:
    """SIGKILL, as when the plug is pulled; whether it ran."""
    pid = pid_of(network, node)
    if pid is None:
        return False
    _signal(pid, signal.SIGKILL)
    _gone(network, node, STOP_SECONDS)
    return True


def pid_of(network: Network, node: Node) -> int | None:
    """Of the node's process, None when it does not run. A number may have gone to another program since it was written."""
    try:
        pid = int(network.pid_file(node).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return pid if str(network.data(node)) in command_line(pid) and _state(pid) != "Z" else None


def condition(network: Network, node: Node) -> Condition:
    """As the system tells it: a paused process (SIGSTOP) is there, and does nothing."""
    pid = pid_of(network, node)
    if pid is None:
        return "down"
    return "paused" if _state(pid) in ("T", "t") else "running"


def memory_bytes(network: Network, node: Node) -> int | None:
    """Resident memory (Linux); None when it does not run."""
    pid = pid_of(network, node)
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def last_words(network: Network, node: Node, since: int = 0, lines: int = 3) -> str:
    """The end of the node's log, from byte `since` on."""
    try:
        with network.log(node).open("rb") as file:
            file.seek(since)
            return " | ".join(line.strip() for line in file.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _spawn(network: Network, node: Node, command: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
    """The process, and how long its log was before."""
    network.log(node).parent.mkdir(exist_ok=True)
    with network.log(node).open("ab") as log:
        said_before = log.tell()
        process = subprocess.Popen(
            [*command, *_words(network, node)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C meant for the command that started it is not meant for the node
        )
    write_atomically(network.pid_file(node), f"{process.pid}\n".encode())
    return process, said_before


def _words(network: Network, node: Node) -> list[str]:
    words = ["server", "--chain", str(network.genesis_file), "--data-dir", str(network.data(node))]
    words += ["--jsonrpc", f"{node.rpc_host}:{node.rpc_port}", "--grpc-address", f"{LOOPBACK}:{node.grpc_port}"]
    words += ["--libp2p", f"{node.p2p_host}:{node.p2p_port}", "--seal", "--price-limit", "0"]
    words += ["--max-slots", str(POOL_SLOTS), "--max-enqueued", str(ACCOUNT_SLOTS)]
    words += ["--json-rpc-batch-request-limit", str(BATCH_CALLS), "--json-rpc-block-range-limit", "0"]
    # Otherwise any web page that somebody opens on this machine could talk to the node.
    return [*words, "--access-control-allow-origins", "none"]


def _require_own_folder(network: Network, node: Node) -> None:
    try:
        stamp = network.stamp(node).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        stamp = ""
    if stamp != network.genesis:
        whose = "of another network" if stamp else "of no network"
        raise BadInput(
            f"The data folder of node {node.number} is {whose}.",
            where=str(network.data(node)),
            hint="Bring its own folder back, or join the member anew with `suyuan network join`.",
        )


def _await_listening(network: Network, node: Node, process: subprocess.Popen[bytes], said_before: int) -> None:
    deadline = time.monotonic() + LISTEN_SECONDS
    while not rpc_answers(node.rpc_url, network.chain_id):
        if process.poll() is not None:
            said = last_words(network, node, said_before)
            raise Unavailable(
                f"Node {node.number} ({node.member}) did not start. It said: {said}", where=str(network.log(node))
            )
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Node {node.number} ({node.member}) does not answer after {LISTEN_SECONDS:.0f} s.",
                where=str(network.log(node)),
                hint=f"It said: {last_words(network, node, said_before)}",
            )
        time.sleep(0.1)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _gone(network: Network, node: Node, seconds: float) -> bool:
    """Waits until the process has ended and let go of its ports: its last threads may outlive what the system tells of it."""
    deadline = time.monotonic() + seconds
    while pid_of(network, node) is not None or not all(is_free(port, host) for host, port in _places(node)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _places(node: Node) -> tuple[tuple[str, int], ...]:
    """Where it listens."""
    return (node.rpc_host, node.rpc_port), (LOOPBACK, node.grpc_port), (node.p2p_host, node.p2p_port)


def _state(pid: int) -> str:
    """The one-letter state of a process (proc(5)); empty where the system does not tell it so."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""
