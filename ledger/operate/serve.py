"""A whole home, served: chain and signer up, contracts deployed, sender and indexer running, members admitted.

Each step looks first at what stands already, so that it may be interrupted anywhere and started again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ledger.chain.deploy import deploy
from ledger.chain.keystore import account_of
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.errors import Unavailable
from ledger.operate.development import found_consortium, genesis_funds
from ledger.operate.processes import Service, Supervisor, running, services_of

WRITING = ("sender", "indexer")
"""What a command needs, beside chain and signer, to bring something onto the chain and see it in the rows."""


@contextmanager
def serving(
    home: Home, names: Sequence[str] = WRITING, *, lasting: bool = False, instant: bool = False
) -> Iterator[tuple[Ledger, Supervisor]]:
    """The ledger with its chain, its signer and the services in `names`; what this call started is stopped on leaving.

    Where services run already (`suyuan up`, the demo), they are used. `lasting` says that this call is one of those: others may
    use what it starts. Commands that start services for themselves alone take turns.
    """
    settings = Settings.load(home)
    services = services_of(home, settings, genesis_funds(home), instant=instant)
    needed = ("chain", "signer", *names)
    with _turn(home, services, needed) as release, running(home, services, ("chain", "signer")) as supervisor:
        ledger = open_ledger(home)
        deploy(ledger.client, ledger.profile, ledger.signer, account_of(home, "consortium"), home)
        for name in ("sender", "indexer"):
            if not services[name].healthy():
                supervisor.start(name)
        if settings.development:
            found_consortium(ledger)
        for name in names:
            if not services[name].healthy():
                supervisor.start(name)
        if lasting:
            release()
        yield ledger, supervisor


@contextmanager
def _turn(home: Home, services: dict[str, Service], needed: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Waits while another command runs services of its own; takes the turn when some have to be started."""
    home.run.mkdir(parents=True, exist_ok=True)
    with (home.run / "services.lock").open("w") as lock:
        deadline = time.monotonic() + 120
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        "Another command of this ledger has been running for two minutes.",
                        where=str(home.path),
                        hint="Wait for it, or stop it.",
                    ) from None
                time.sleep(0.1)
        if all(services[name].healthy() for name in needed):
            fcntl.flock(lock, fcntl.LOCK_UN)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)
