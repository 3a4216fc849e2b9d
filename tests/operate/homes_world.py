"""A founder and two members, each with a home, keys and a database of its own, on one embedded chain that none of them runs.

Signers, senders and indexers run in this process; homes, keys, founding and chain are real. Keys are sealed quickly.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ledger.chain import keystore, sealed
from ledger.chain.client import Client
from ledger.chain.deploy import deploy
from ledger.chain.keystore import account_of, keystores, signer_secret
from ledger.chain.outbox import await_final
from ledger.chain.profiles import EMBEDDED
from ledger.chain.sender import Sender
from ledger.chain.session import Authority, new_session
from ledger.chain.signer import SignerServer, open_keys
from ledger.chain.signing import Signing
from ledger.config import Home, Settings
from ledger.context import Ledger, open_ledger
from ledger.errors import SuyuanError
from ledger.index import indexer as indexer_module
from ledger.index.digest import digest
from ledger.index.follow import await_block
from ledger.index.ours import our_indexer
from ledger.operate.founding import found
from ledger.operate.founding_file import read_founding
from ledger.operate.member_home import make_founder_home, make_member_home
from ledger.operate.network_file import NetworkFile, read_network_file
from ledger.store.database import read
from ledger.store.queries.members import MemberRow, member_by_slug
from ledger.trace.capture import CaptureResult, capture

CHAIN_ID = 7_719
PASSWORDS = {
    "farm": "what the farm alone knows",
    "merchant": "what the merchant alone knows",
    "consortium": "what the founder alone knows",
}
GLN, GTIN = "0860009999060", "00860009999923"


@dataclass
class Homes:
    """`homes` by owner: consortium, farm, merchant; all of them know where the contracts stand."""

    folder: Path
    port: int
    homes: dict[str, Home] = field(default_factory=dict)

    @property
    def rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def network(self) -> NetworkFile:
        return NetworkFile("embedded", CHAIN_ID, (self.rpc_url,))

    def client(self) -> Client:
        return Client(self.rpc_url, EMBEDDED)

    def ledger(self, owner: str) -> Ledger:
        return open_ledger(self.homes[owner])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def knowing(owner: str) -> Iterator[None]:
    """The environment of somebody who knows one password."""
    before = os.environ.get("SUYUAN_PASSWORD")
    os.environ["SUYUAN_PASSWORD"] = PASSWORDS[owner]
    try:
        yield
    finally:
        del os.environ["SUYUAN_PASSWORD"]
        if before is not None:
            os.environ["SUYUAN_PASSWORD"] = before


@contextmanager
def three_homes(folder: Path) -> Iterator[Homes]:
    """The members make their keys, the chain starts, the founder deploys and admits them, and they join."""
    world = Homes(folder, free_port())
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # not beyond: other files' tests seal keys as they are sealed
            seal_quickly(patch)
            parts = _make_keys(world)
            stack.enter_context(_chain(world))
            _found_and_join(world, parts)
        yield world


def seal_quickly(patch: pytest.MonkeyPatch) -> None:
    """Where keys are sealed, and where one sealed for trying is refused."""
    for module in (sealed, keystore):
        patch.setattr(module, "WORK_FACTOR", sealed.DEVELOPMENT_WORK_FACTOR)


def _make_keys(world: Homes) -> str:
    """The members' parts of the founding file."""
    parts = ""
    for owner in ("farm", "merchant"):
        home = world.homes[owner] = Home(world.folder / owner)
        made = make_member_home(
            home, owner, world.network(), password=PASSWORDS.__getitem__, name=owner.title(), roles=[owner, "council"]
        )
        assert made.part_file is not None
        parts += made.part_file.read_text(encoding="utf-8")
        if owner == "farm":
            parts += f'locations = {{"{GLN}" = "Field 3"}}\nproducts = {{"{GTIN}" = "Lettuce"}}\n'
    founder = world.homes["consortium"] = Home(world.folder / "founder")
    make_founder_home(founder, world.network(), password=PASSWORDS.__getitem__)
    for home in world.homes.values():
        _move_signer(home)
    return parts


def _found_and_join(world: Homes, parts: str) -> None:
    founder = world.homes["consortium"]
    with at_work(founder, "consortium") as ledger:
        found(ledger, read_founding(parts, "founding.toml"), timeout=60)
    deployment = json.loads(founder.deployment_file.read_text(encoding="utf-8"))
    genesis = world.client().block(0).hash
    handed_out = world.folder / "network.json"
    NetworkFile("embedded", CHAIN_ID, (world.rpc_url,), genesis, deployment).save(handed_out)
    for owner in ("farm", "merchant"):
        network = read_network_file(handed_out)
        assert make_member_home(world.homes[owner], owner, network, password=PASSWORDS.__getitem__).joined


def _move_signer(home: Home) -> None:
    """To a port of its own: the homes were made while none of them ran."""
    settings = Settings.load(home)
    Settings(**{**settings.__dict__, "signer_url": f"http://127.0.0.1:{free_port()}"}).save(home)


@contextmanager
def _chain(world: Homes) -> Iterator[None]:
    """Funds every account that there is."""
    accounts = [account_of(home, name) for home in world.homes.values() for name in keystores(home)]
    command = [sys.executable, "-m", "ledger.chain.embedded", "--file", str(world.folder / "chain.sqlite"), "--instant"]
    command += [
        "--port",
        str(world.port),
        "--chain-id",
        str(CHAIN_ID),
        *(f"--fund={each}:{10**24}" for each in accounts),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _until_it_answers(world.client())
        yield
    finally:
        process.kill()
        process.wait()


def _until_it_answers(client: Client) -> None:
    for _ in range(300):
        with contextlib.suppress(SuyuanError):
            client.chain_id()
            return
        time.sleep(0.1)
    raise AssertionError("the chain does not answer")


@contextmanager
def signing(home: Home, owner: str) -> Iterator[None]:
    """The home's signer, with its member's key and its API's."""
    settings = Settings.load(home)
    with knowing(owner):
        keys = open_keys(home, settings, f"{owner},api")
    port = int(settings.signer_url.rsplit(":", 1)[1])
    with SignerServer(("127.0.0.1", port), Signing(home, settings, keys), signer_secret(home)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


@contextmanager
def at_work(home: Home, owner: str, *, sending: bool = True) -> Iterator[Ledger]:
    """The home with signer and indexer, and the sender if it is to send; the founder's deploys first."""
    ledger = open_ledger(home)
    stop = threading.Event()
    with signing(home, owner), pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexer_module, "IDLE_SECONDS", indexer_module.QUICK_SECONDS)
        if owner == "consortium":
            deploy(ledger.client, ledger.profile, ledger.signer, account_of(home, owner), home)
        indexer = our_indexer(ledger.engine, ledger.client, ledger.deployment, ledger.documents, stop.is_set)
        threads = [threading.Thread(target=indexer.run, args=(stop,), daemon=True)]
        if sending:
            threads.append(threading.Thread(target=sender_of(ledger).run, args=(stop,), daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield ledger
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)
            ledger.engine.dispose()


def sender_of(ledger: Ledger) -> Sender:
    profile = replace(ledger.profile, poll_seconds=0.02)
    return Sender(ledger.engine, ledger.client, ledger.signer, profile, ledger.settings.chain_id)


def session_of(ledger: Ledger, owner: str, scope: str = "capture") -> Authority:
    """A session that the member's own signer opened for its password."""
    member = member_row(ledger, owner)
    session, _ = new_session(
        member=member.member,
        account=member.account,
        audience=ledger.relay_account,
        scope=scope,
        now=int(time.time()),
        seconds=3_600,
        chain_id=CHAIN_ID,
    )
    return ledger.signer.open_session(session, PASSWORDS[owner])


def member_row(ledger: Ledger, owner: str) -> MemberRow:
    await_block(ledger.engine, ledger.client.final_block(), 60)
    with read(ledger.engine) as connection:
        row = member_by_slug(connection, owner)
    assert row is not None
    return row


def say(ledger: Ledger, owner: str, document: bytes) -> CaptureResult:
    """Captures a document; its statements are queued."""
    authority = session_of(ledger, owner)
    return capture(ledger, document, source="a document", member=member_row(ledger, owner), authority=authority)


def said(ledger: Ledger, result: CaptureResult) -> None:
    """Waits until its statements stand on the chain and in the rows."""
    rows = await_final(ledger.engine, result.outbox_ids, 60)
    assert [row.state for row in rows] == ["final"] * len(rows), [row.error for row in rows]
    await_block(ledger.engine, ledger.client.final_block(), 60)


def digest_of(ledger: Ledger) -> str:
    """Of the rows, once they are as far as the chain."""
    await_block(ledger.engine, ledger.client.final_block(), 60)
    with read(ledger.engine) as connection:
        return digest(connection)


def statements_on_chain(world: Homes) -> int:
    """How many logs of statements there are: what was sent twice and taken twice would show."""
    ledger = world.ledger("farm")
    address = ledger.deployment.address("Statements")
    return len(ledger.client.logs(0, ledger.client.head().number, [address]))


def harvest(lot: str) -> bytes:
    """An EPCIS document of one event: so much of a lot was harvested."""
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-04-17T09:26:42+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{GTIN}/10/{lot}", "quantity": 100, "uom": "KGM"}],
        "bizLocation": {"id": f"https://id.gs1.org/414/{GLN}"},
    }
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-17T11:26:42+08:00",
        "epcisBody": {"eventList": [event]},
    }
    return json.dumps(document).encode()
