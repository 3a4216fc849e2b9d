"""Builders: a real embedded chain in a process of its own, a development home with its signer, members, and deaths."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import decode
from eth_utils.crypto import keccak
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.contracts import Deployment, encode_call
from ledger.chain.keystore import create_keystore, open_keystore, signer_secret
from ledger.chain.outbox import Intent
from ledger.chain.profiles import EMBEDDED, Profile
from ledger.chain.sender import Sender
from ledger.chain.session import Authority, new_session, sign_session
from ledger.chain.signer import SignerServer
from ledger.chain.signer_client import SignerClient
from ledger.chain.signing import Signing
from ledger.config import Home, Settings
from ledger.errors import SuyuanError

PASSWORD = "open sesame, said the farmer"
NAMES = ("consortium", "api", "farm", "merchant")
CHAIN_ID = 7710
GLN = 860009996007
LOCATION_ASSIGNED = "0x" + keccak(text="LocationAssigned(uint64,uint32,string)").hex()


@dataclass(frozen=True)
class World:
    """A chain with our contracts, a home and its signer. Member 1 is the farm, member 2 the merchant."""

    home: Home
    settings: Settings
    profile: Profile
    client: Client
    signer: SignerClient
    deployment: Deployment
    accounts: dict[str, str]
    members: dict[str, int]

    def session(self, name: str, scope: str, *, seconds: int = 3600) -> Authority:
        """A session that the member signed with its own key."""
        key = open_keystore(self.home, name, PASSWORD, development=True)
        session, _ = new_session(
            member=self.members[name],
            account=key.account,
            audience=self.accounts["api"],
            scope=scope,
            now=int(time.time()),
            seconds=seconds,
            chain_id=CHAIN_ID,
        )
        return sign_session(session, key.private_key)

    def sender(self, engine: Engine) -> Sender:
        return Sender(engine, self.client, self.signer, self.profile, CHAIN_ID)

    def marked(self, marker: int, *, gas: int | None = 120_000) -> Intent:
        """An act that shows how often it was done: the contract takes a repeat, and emits its marker each time."""
        account = self.accounts["consortium"]
        return Intent(f"marked:{marker}", account, "Members", "assignLocation", self.marked_args(marker), None, gas)

    def marked_args(self, marker: int) -> tuple[Any, ...]:
        return (GLN, self.members["merchant"], f"marker {marker}")

    def times_done(self, first_block: int) -> dict[int, int]:
        """How often each marked act was done, since a block."""
        logs = self.client.logs(first_block, self.client.head().number, [self.deployment.address("Members")])
        counts: dict[int, int] = {}
        for log in logs:
            if log.topics[0] == LOCATION_ASSIGNED:
                (name,) = decode(["string"], bytes.fromhex(log.data[2:]))
                marker = int(name.removeprefix("marker "))
                counts[marker] = counts.get(marker, 0) + 1
        return counts

    def consortium_calls(self, function: str, args: list[object]) -> None:
        """The consortium calls Members, past the outbox, and it is mined."""
        self.mine(self.accounts["consortium"], "Members", function, args, None)

    def mine(self, account: str, contract: str, function: str, args: list[object], authority: Authority | None) -> None:
        """A call, past the outbox, mined."""
        transaction = {
            "to": self.deployment.address(contract),
            "data": encode_call(contract, function, args),
            "value": 0,
            "gas": 1_000_000,
            "nonce": self.client.nonce(account),
            "chainId": CHAIN_ID,
            **self.profile.fee.fields(),
        }
        digest = self.client.send_raw(self.signer.sign_transaction(transaction, account, authority))
        for _ in range(200):
            receipt = self.client.receipt(digest)
            if receipt is not None:
                assert receipt.succeeded, self.client.revert_reason(digest)
                return
            time.sleep(0.05)
        raise AssertionError(f"{function} was not mined")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_home(path: Path, *, rpc_port: int, signer_port: int, names: tuple[str, ...] = NAMES) -> tuple[Home, Settings]:
    """A development home with a key for each name, all of one password."""
    home = Home(path)
    settings = Settings(
        chain_id=CHAIN_ID,
        rpc_url=f"http://127.0.0.1:{rpc_port}",
        signer_url=f"http://127.0.0.1:{signer_port}",
        development=True,
    )
    settings.save(home)
    for name in names:
        create_keystore(home, name, PASSWORD, development=True)
        (home.keys / f"{name}.password").write_text(PASSWORD)
    return home, settings


def start_chain(file: Path, port: int, funds: dict[str, int], *extra: str) -> subprocess.Popen[bytes]:
    """The embedded chain as a process, once it answers."""
    command = [sys.executable, "-m", "ledger.chain.embedded", "--file", str(file), "--port", str(port)]
    command += ["--chain-id", str(CHAIN_ID), *extra]
    for account, wei in funds.items():
        command += ["--fund", f"{account}:{wei}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = Client(f"http://127.0.0.1:{port}", EMBEDDED)
    for _ in range(300):
        try:
            client.chain_id()
            return process
        except SuyuanError:
            assert process.poll() is None, "the chain did not start"
            time.sleep(0.1)
    raise AssertionError("the chain does not answer")


def start_signer(home: Home, settings: Settings, names: tuple[str, ...] = NAMES) -> SignerServer:
    """The signer of a home, in this process."""
    keys = [open_keystore(home, name, PASSWORD, development=True) for name in names]
    port = int(settings.signer_url.rsplit(":", 1)[1])
    server = SignerServer(("127.0.0.1", port), Signing(home, settings, keys), signer_secret(home))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def admit_members(world: World) -> None:
    for name, roles in (("farm", 1), ("merchant", 1 << 8)):
        world.consortium_calls("admit", [world.accounts[name], roles, name, name.title()])


class Killed(BaseException):
    """Stands for kill -9: no code of the run itself follows."""


class Countdown:
    """How many calls to the outside a run may begin or end before it dies."""

    def __init__(self, left: int) -> None:
        self.left = left

    def tick(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


class Mortal:
    """A client or signer whose calls count down: a run dies just before or just after any of them."""

    def __init__(self, target: Any, countdown: Countdown) -> None:
        self._target, self._countdown = target, countdown

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._target, name)

        def counted(*args: Any, **named: Any) -> Any:
            self._countdown.tick()
            result = call(*args, **named)
            self._countdown.tick()
            return result

        return counted
