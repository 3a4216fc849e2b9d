"""A whole home, served: chain and signer up, contracts deployed, sender and indexer running, members admitted.

Each step looks first at what stands already, so that it may be interrupted anywhere and started again.
"""

from __future__ import annotations

import fcntl
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from ledger.chain.constitution import CONSORTIUM, DEVELOPMENT
from ledger.chain.contracts import Deployment
from ledger.chain.deploy import deploy
from ledger.chain.keystore import account_of, keystores
from ledger.chain.policy import CONSORTIUM_NAME
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.errors import Conflict, Unavailable
from ledger.index.follow import await_block
from ledger.operate.development import found_consortium, genesis_funds
from ledger.operate.processes import Service, Supervisor, stop_leftover, watched
from ledger.operate.services import services_of
from ledger.operate.unlock import ask_passwords

SERVED, ALONE = "served.lock", "alone.lock"
WAIT_SECONDS = 120.0
PATIENCE_SECONDS = 30.0

WRITING = ("sender", "indexer")
"""What a command needs, beside chain and signer, to bring something onto the chain and see it in the rows."""


@contextmanager
def serving(
    home: Home,
    names: Sequence[str] = WRITING,
    *,
    lasting: bool = False,
    instant: bool = False,
    told: Callable[[str], None] = lambda name: None,
) -> Iterator[Ledger]:
    """The ledger with its chain, its signer and the services in `names`.

    `lasting` (`suyuan up`, the demo): runs them for others too, starts again what dies and tells its name; Conflict when this
    home is served already. Otherwise a command: where the home is served it waits for what it needs; else it starts that for
    itself alone and stops it on leaving, one such command at a time.
    """
    settings = Settings.load(home)
    services = services_of(home, settings, _funds(home, settings), instant=instant)
    home.run.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if lasting:
            stack.enter_context(_only_one(home))
        elif _is_served(home):
            _await_healthy(home, [services[name] for name in (*_first(services), *names)])
            yield open_ledger(home)
            return
        else:
            stack.enter_context(_turn(home))
        _require_free_ports(home, settings, (*_first(services), *names))
        passwords = ask_passwords(home, settings)  # now: whoever waits for a home that is served is asked for none
        services = services_of(home, settings, _funds(home, settings), instant=instant, passwords=passwords)
        supervisor = Supervisor(home, services)
        stack.enter_context(watched(supervisor, told))
        ledger = _started(home, settings, supervisor, names)
        if not lasting:  # a command asks the rows: a home that was not served is behind the chain
            await_block(ledger.engine, ledger.client.final_block(), WAIT_SECONDS)
        yield ledger


def _started(home: Home, settings: Settings, supervisor: Supervisor, names: Sequence[str]) -> Ledger:
    """Brings everything up, in the order in which one needs the other."""
    supervisor.start(*_first(supervisor.services))
    ledger = open_ledger(home)
    founder = _founder(home)
    constitution = DEVELOPMENT if settings.development else CONSORTIUM
    _patiently(lambda: deploy(ledger.client, ledger.profile, ledger.signer, founder, home, constitution=constitution))
    supervisor.start("sender", "indexer")
    if settings.development:
        _patiently(lambda: found_consortium(ledger))
    supervisor.start(*(name for name in names if name not in WRITING))
    return ledger


def _founder(home: Home) -> str:
    """The account that deploys. NotFound for a member's home that was not given the ledger's contracts yet."""
    if CONSORTIUM_NAME in keystores(home):
        return account_of(home, CONSORTIUM_NAME)
    Deployment.load(home)
    return ""  # nothing is left to deploy


def _funds(home: Home, settings: Settings) -> dict[str, int]:
    """What the embedded chain's genesis gives to whom, where the home runs it."""
    return genesis_funds(home) if settings.development else {}


def _first(services: Mapping[str, Service]) -> tuple[str, ...]:
    """What everything else needs: the signer, and the chain where the home runs it."""
    return tuple(name for name in ("chain", "signer") if name in services)


def _require_free_ports(home: Home, settings: Settings, names: Sequence[str]) -> None:
    """Unavailable where somebody else listens already. Another home's chain would answer as ours does."""
    urls = {"chain": settings.rpc_url, "signer": settings.signer_url, "api": settings.api_url}
    for name in (name for name in names if name in urls):
        stop_leftover(home, name)
        place = urlsplit(urls[name])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((place.hostname, place.port))
            except OSError as error:
                raise Unavailable(
                    f"The {name} cannot listen on {place.netloc}: {error.strerror}.",
                    where=str(home.config_file),
                    hint="Stop what uses that port, or name another in config.json.",
                ) from None


def _patiently(act: Callable[[], object]) -> None:
    """Again, where a process was killed meanwhile and is being started again: each act may be repeated."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            act()
            return
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _await_healthy(home: Home, services: Sequence[Service]) -> None:
    """The one that serves the home may just be starting something, or starting it again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while missing := [service.name for service in services if not service.healthy()]:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The home is served, but not its {', '.join(missing)}.",
                where=str(home.logs),
                hint="See the logs there.",
            )
        time.sleep(0.05)


def _is_served(home: Home) -> bool:
    with (home.run / SERVED).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _only_one(home: Home) -> Iterator[None]:
    """Holds the sign that says: this home is served."""
    with (home.run / SERVED).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"The ledger in {home.path} is served already, by the demo or by `suyuan up`.",
                hint="Use that one, or stop it first.",
            ) from None
        with _turn(home):
            pass  # a command that started services for itself alone finishes first
        yield


@contextmanager
def _turn(home: Home) -> Iterator[None]:
    """Waits while another command runs services for itself alone."""
    with (home.run / ALONE).open("a") as lock:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"Another command of this ledger has been running for {WAIT_SECONDS:.0f} seconds.",
                        where=str(home.path),
                        hint="Wait for it, or stop it.",
                    ) from None
                time.sleep(0.1)
        yield
