"""The processes of a home: chain (where it runs its own), signer, sender, indexer, api. Starts them, watches them, stops them by pid.

Each is a process of its own, so that any one of them may be killed at any moment; the supervisor starts it again. A child dies
with its supervisor (Linux: parent-death signal); elsewhere the pid file lets the next start stop what was left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ledger.config import Home
from ledger.errors import Unavailable
from ledger.store.atomic import write_atomically

START_TIMEOUT_SECONDS = 120.0  # a busy machine
WATCH_SECONDS = 0.3
SECRET_VARIABLES = (
    "SUYUAN_PASSWORD",
    "SUYUAN_KEY",
    "SUYUAN_SALT",
    "SUYUAN_SIGNER_TOKEN",
    "SUYUAN_BACKUP_PASSPHRASE",
)
MOST_RESTARTS = 20  # of one process in a row without a healthy minute


@dataclass(frozen=True)
class Service:
    """How to start one process and how to know that it serves."""

    name: str
    arguments: tuple[str, ...]  # after the Python executable
    healthy: Callable[[], bool]
    #: What only this process may know: passwords of keys. They are taken out of the environment of all others.
    secrets: Mapping[str, str] | None = None


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(SECRET_VARIABLES)}


class Supervisor:
    """Starts services of a home and keeps them running until `stop`."""

    def __init__(self, home: Home, services: Mapping[str, Service]) -> None:
        self.home = home
        self.services = services
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._watched: set[str] = set()  # those that have served
        self._said_before: dict[str, int] = {}  # bytes of the log from earlier starts
        self._restarts: dict[str, list[float]] = {}
        self._turn = threading.RLock()  # nothing is started again while all is being stopped

    def start(self, *names: str) -> None:
        """Starts services beside one another and waits until each serves. Unavailable, with the end of its log, when
        one ends by itself; one that was killed meanwhile is started again."""
        for name in names:
            self._spawn(name)
        for name in names:
            self._await_healthy(name)
            self._watched.add(name)

    def check(self) -> list[str]:
        """Starts again what has died; returns the names. One that keeps dying rests until its minute is over: whoever
        watches must not end, since the others live by it."""
        with self._turn:
            dead = [
                name for name in self._watched if self._has_ended(name) and self._recent_restarts(name) < MOST_RESTARTS
            ]
            for name in dead:
                self._note_restart(name)
                self._spawn(name)
            return dead

    def stop(self) -> None:
        """SIGTERM to each, the last started first; SIGKILL to whoever has not gone in five seconds."""
        with self._turn:
            for child in reversed(self._children.values()):
                with suppress(ProcessLookupError):
                    child.terminate()
            for name, child in reversed(self._children.items()):
                try:
                    child.wait(5)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
                pid_file(self.home, name).unlink(missing_ok=True)
            self._children.clear()
            self._watched.clear()

    def _spawn(self, name: str) -> None:
        service = self.services[name]
        self.home.logs.mkdir(parents=True, exist_ok=True)
        self.home.run.mkdir(parents=True, exist_ok=True)
        stop_leftover(self.home, name)
        with self._log(name).open("ab") as log:
            self._said_before[name] = log.tell()
            self._children[name] = subprocess.Popen(
                [sys.executable, *service.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_without_secrets(os.environ), **(service.secrets or {}), "PYTHONUNBUFFERED": "1"},
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        write_atomically(pid_file(self.home, name), f"{self._children[name].pid}\n".encode())

    def _await_healthy(self, name: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self.services[name].healthy():
                return
            status = self._children[name].poll()
            if status is not None and status >= 0:
                raise Unavailable(f"The {name} did not start.", where=str(self._log(name)), hint=self._last_words(name))
            if status is not None:  # by a signal
                self._note_restart(name)
                self._spawn(name)
            time.sleep(0.05)
        raise Unavailable(
            f"The {name} does not answer after {START_TIMEOUT_SECONDS:.0f} s.",
            where=str(self._log(name)),
            hint=self._last_words(name),
        )

    def _has_ended(self, name: str) -> bool:
        return self._children[name].poll() is not None

    def _recent_restarts(self, name: str) -> int:
        self._restarts[name] = [at for at in self._restarts.get(name, []) if time.monotonic() - at < 60]
        return len(self._restarts[name])

    def _note_restart(self, name: str) -> None:
        self._restarts.setdefault(name, []).append(time.monotonic())

    def _log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def _last_words(self, name: str) -> str:
        """The end of what it said since this start; the log holds earlier ones too, whose faults are no longer true."""
        try:
            with self._log(name).open("rb") as file:
                file.seek(self._said_before.get(name, 0))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "It said: " + " | ".join(line.strip() for line in lines[-3:]) if lines else ""


@contextmanager
def watched(supervisor: Supervisor, told: Callable[[str], None]) -> Iterator[None]:
    """Starts again whatever dies, and tells its name; on leaving, all are stopped."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            with suppress(Unavailable, OSError):  # a full disk, say: it is tried again, the others go on
                for name in supervisor.check():
                    told(name)

    # A child dies with the thread that started it (Linux): this one lives until the children are stopped.
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
        supervisor.stop()


def pid_file(home: Home, name: str) -> Path:
    return home.run / f"{name}.pid"


def stop_leftover(home: Home, name: str) -> None:
    """Stops the process of an earlier start whose supervisor was killed, if it still runs and is ours."""
    pid = _pid_of(home, name)
    if pid is None or not _is_ours(pid, home, name):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        for _ in range(50):
            if not _is_ours(pid, home, name):
                return
            time.sleep(0.05)


def _pid_of(home: Home, name: str) -> int | None:
    try:
        return int((home.run / f"{name}.pid").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def alive(home: Home, name: str) -> bool:
    """Whether this home's process of that name runs. A port alone could be answered by another home's."""
    pid = _pid_of(home, name)
    return pid is not None and _is_ours(pid, home, name)


def _is_ours(pid: int, home: Home, name: str) -> bool:
    """Whether `pid` is this home's process of that name: a number may have gone to somebody else since."""
    module = {
        "chain": "ledger.chain.embedded",
        "signer": "ledger.chain.signer",
        "sender": "ledger.chain.sender",
        "indexer": "ledger.index",
        "notifier": "ledger.notify",
        "api": "api",
    }
    command = command_line(pid)
    return module[name] in command and any(str(home.path) in word for word in command)


def command_line(pid: int) -> list[str]:
    """The words with which a process was started; none for one that has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode(errors="replace").split("\0")
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return []
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.split()


def _die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
