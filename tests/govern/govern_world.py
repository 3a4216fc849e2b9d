"""A consortium under its Council: a real embedded chain, a home with its signer, a sender and an indexer, all at work.

Six members; four of them have a seat. What a test queues becomes final and shows in the rows by itself.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.client import Client
from ledger.chain.constitution import DEVELOPMENT
from ledger.chain.contracts import Deployment
from ledger.chain.deploy import deploy
from ledger.chain.keystore import account_of, create_keystore, open_keystore, signer_secret
from ledger.chain.next_key import is_account, open_next
from ledger.chain.outbox import Intent, OutboxRow, await_final, queue
from ledger.chain.roles import Role
from ledger.chain.sender import Sender
from ledger.chain.session import Authority, new_session, sign_session
from ledger.chain.signer import SignerServer
from ledger.chain.signing import Signing
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.govern import decide as council
from ledger.govern.acts import act
from ledger.index import indexer as indexer_module
from ledger.index.follow import await_block
from ledger.index.indexer import Indexer
from ledger.index.ours import our_indexer
from ledger.settle.acting import Acting
from ledger.store.database import read, write
from ledger.store.queries.members import MemberRow, member_by_slug

PASSWORD = "open sesame, said the council"
CHAIN_ID = 7710
PATIENCE = 60.0
MEMBERS = {
    "farm": Role.FARM | Role.COUNCIL,
    "merchant": Role.MERCHANT | Role.COUNCIL,
    "bank": Role.BANK | Role.COUNCIL,
    "platform": Role.PLATFORM | Role.COUNCIL,
    "carrier": Role.CARRIER,
    "creator": Role.CREATOR,
}
FUNDED = ("consortium", "api", *MEMBERS)


@dataclass
class World:
    """`signing` may be restarted: what it held in memory is then gone, as when its process was killed."""

    ledger: Ledger
    signing: Signing
    _server: SignerServer

    def member(self, name: str) -> MemberRow:
        with read(self.ledger.engine) as connection:
            found = member_by_slug(connection, name)
        assert found is not None
        return found

    def session(self, name: str, scope: str) -> Authority:
        """Signed by the key that the keystore holds now."""
        key = open_keystore(self.ledger.home, name, PASSWORD, development=True)
        session, _ = new_session(
            member=self.member(name.split(".")[0]).member,
            account=key.account,
            audience=self.ledger.relay_account,
            scope=scope,
            now=int(time.time()),
            seconds=3600,
            chain_id=CHAIN_ID,
        )
        return sign_session(session, key.private_key)

    def acting(self, name: str, scope: str) -> Acting:
        return Acting(self.member(name), self.session(name, scope))

    def done(self, *ids: int) -> list[OutboxRow]:
        """The outbox rows, closed, and shown in the other rows."""
        rows = await_final(self.ledger.engine, ids, PATIENCE)
        await_block(self.ledger.engine, max((row.block or 0 for row in rows), default=0), PATIENCE)
        return rows

    def sends(
        self, name: str, contract: str, function: str, *args: Any, authority: Authority | None = None
    ) -> OutboxRow:
        """A call of this account, through the outbox."""
        (row,) = self.done(self.queues(name, contract, function, *args, authority=authority))
        return row

    def queues(self, name: str, contract: str, function: str, *args: Any, authority: Authority | None = None) -> int:
        """The same without waiting for it: the outbox's number."""
        account = account_of(self.ledger.home, name)
        intent = Intent(f"{contract}.{function}:{time.time_ns()}", account, contract, function, args, authority)
        with write(self.ledger.engine) as connection:
            return queue(connection, self.ledger.deployment, intent, int(time.time())).id

    def restart_signer(self) -> None:
        """With what lies on the disk."""
        self.signing = _signing(self.ledger.home, self.ledger.settings, self.ledger.client)
        self._server.signing = self.signing


def decide(world: World, contract: str, function: str, *args: Any) -> OutboxRow:
    """The Council makes a call: proposed by the farm, agreed to by merchant and bank, executed at once."""
    deployment, engine, now = world.ledger.deployment, world.ledger.engine, int(time.time())
    with write(engine) as connection:
        made = council.propose(
            connection,
            deployment,
            world.acting("farm", "council"),
            act(deployment, contract, function, *args),
            "why",
            now=now,
        )
    world.done(made.id)
    number = world.ledger.client.call(deployment, "Council", "count")
    for name in ("merchant", "bank"):
        with write(engine) as connection:
            said = council.vote(connection, deployment, world.acting(name, "council"), number, True, now=now)
        world.done(said.id)
    with write(engine) as connection:
        done = council.execute(connection, deployment, world.acting("bank", "council"), number, now=now)
    (row,) = world.done(done.id)
    return row


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """Founded and handed over to the Council."""
    home, settings = _home(folder / "home")
    funds = [f"--fund={account_of(home, name)}:{10**24}" for name in FUNDED]
    port = settings.rpc_url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "ledger.chain.embedded", f"--file={home.chain_file}", f"--port={port}"]
    process = subprocess.Popen(
        [*command, f"--chain-id={CHAIN_ID}", "--instant", *funds], stdout=subprocess.PIPE, text=True
    )
    stop, threads, patch = threading.Event(), [], pytest.MonkeyPatch()
    assert process.stdout is not None
    process.stdout.readline()
    ledger = open_ledger(home)
    server = SignerServer(
        ("127.0.0.1", int(settings.signer_url.rsplit(":", 1)[1])),
        _signing(home, settings, ledger.client),
        signer_secret(home),
    )
    threads.append(threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True))
    threads[0].start()
    try:
        deploy(
            ledger.client, ledger.profile, ledger.signer, account_of(home, "consortium"), home, constitution=DEVELOPMENT
        )
        world = World(ledger, server.signing, server)
        patch.setattr(indexer_module, "IDLE_SECONDS", indexer_module.QUICK_SECONDS)
        for work in (_sender(ledger), _indexer(ledger)):
            threads.append(threading.Thread(target=work.run, args=(stop,), daemon=True))
            threads[-1].start()
        _found(world)
        yield world
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(10)
        patch.undo()
        process.kill()
        process.wait()


def _home(path: Path) -> tuple[Home, Settings]:
    home = Home(path)
    urls = [f"http://127.0.0.1:{_free_port()}" for _ in range(2)]
    settings = Settings(chain_id=CHAIN_ID, rpc_url=urls[0], signer_url=urls[1], development=True)
    settings.save(home)
    for name in FUNDED:
        create_keystore(home, name, PASSWORD, development=True)
    return home, settings


def _signing(home: Home, settings: Settings, client: Client) -> Signing:
    """As a signer that starts: each member's key, and the next one where there is one."""
    keys = []
    for name in FUNDED:
        keys.append(open_keystore(home, name, PASSWORD, development=True))
        following = open_next(home, name, PASSWORD, development=True)
        keys += [following] if following else []
    return Signing(home, settings, keys, stands=lambda account: is_account(client, Deployment.load(home), account))


def _sender(ledger: Ledger) -> Sender:
    return Sender(ledger.engine, ledger.client, ledger.signer, replace(ledger.profile, poll_seconds=0.02), CHAIN_ID)


def _indexer(ledger: Ledger) -> Indexer:
    return our_indexer(ledger.engine, ledger.client, ledger.deployment, ledger.documents)


def _found(world: World) -> None:
    ids = [
        world.queues(
            "consortium", "Members", "admit", account_of(world.ledger.home, slug), int(roles), slug, slug.title()
        )
        for slug, roles in MEMBERS.items()
    ]
    ids.append(world.queues("consortium", "Members", "handOver", world.ledger.deployment.address("Council")))
    assert {row.state for row in world.done(*ids)} == {"final"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
