"""The sender: brings what stands in the outbox onto the chain, each intent exactly once, whatever is killed when.

    python -m ledger.chain.sender --home DIR

A step (1) follows what was sent and frees what is stuck, (2) signs what is queued and stores it, (3) sends what is signed.
Between them lie commits, and no database transaction is open while the signer or the node is asked. What was sent before a
crash is sent again: the same bytes with the same nonce, which a chain takes once. Several workers may serve one database.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import Engine

from ledger.chain import outbox
from ledger.chain.client import Client
from ledger.chain.connect import genesis_of, open_client
from ledger.chain.follow_sent import FollowSent, about
from ledger.chain.outbox import OutboxRow
from ledger.chain.process import run_main, single_instance, stop_event
from ledger.chain.profiles import Profile, profile_named
from ledger.chain.pulse import start_watching
from ledger.chain.sign_queued import sign_queued
from ledger.chain.signer_client import SignerClient
from ledger.chain.unstick import Unstick
from ledger.config import Home, Settings, home_from
from ledger.errors import BadInput, NodeRefused, Reverted, Unavailable
from ledger.logs import configure_logging
from ledger.store.database import open_database, read, write
from ledger.store.migrate import ensure_schema

#: Rows a query and calls a batch.
BATCH = 200

#: How often the node is asked whether it still serves our chain.
CHAIN_SECONDS = 1.0

#: How nodes say that they have the very transaction already, or mined one with its nonce.
_HAD_ALREADY = ("already known", "known transaction", "already imported", "already exists", "already in the pool")
_TOO_LITTLE = ("underpriced", "base fee", "fee cap", "gas price too low", "gas price below")
_NONCE_USED = ("nonce too low", "nonce is too low", "nonce too old", "old nonce")


class Sender:
    """One home's sender. Several may run at once: rows move by compare-and-set, and nonces are unique."""

    def __init__(
        self,
        engine: Engine,
        client: Client,
        signer: SignerClient,
        profile: Profile,
        chain_id: int,
        genesis: str | None = None,
    ) -> None:
        self._engine = engine
        self._client = client
        self._signer = signer
        self._profile = profile
        self._chain_id = chain_id
        self._genesis = genesis
        self._chain_seen = float("-inf")
        self._log = structlog.get_logger()
        self._follow = FollowSent(engine, client, profile)
        self._unstick = Unstick(engine, client, signer, profile, chain_id)

    def step(self) -> int:
        """How many rows moved. Unavailable when node, signer or database is away; what moved before stays."""
        self._require_chain()
        moved, away = 0, None
        moved += self._follow.step()
        try:
            moved += self._unstick.step(self._follow.waiting)
            moved += sign_queued(self._engine, self._client, self._signer, self._profile, self._chain_id)
        except Unavailable as error:  # What is signed already needs no signer.
            away = error
        moved += self._send_signed()
        if away is not None:
            raise away
        return moved

    def _require_chain(self) -> None:
        """Unavailable where another chain took this one's place behind the address: its nonces must not reach our rows."""
        if time.monotonic() - self._chain_seen < CHAIN_SECONDS:
            return
        try:
            self._client.require_chain(self._chain_id, self._genesis)
        except BadInput as error:
            raise Unavailable(error.what, hint=error.hint) from None
        self._chain_seen = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Steps until `stop` is set; waits for the chain where nothing moves, and longer where something is away."""
        away: str | None = None
        while not stop.is_set():
            try:
                moved = self.step()
            except Unavailable as error:
                if str(error) != away:
                    away = str(error)
                    self._log.warning("waiting", reason=away)
                stop.wait(max(1.0, self._profile.poll_seconds))
                continue
            if away is not None:
                self._log.info("going on")
                away = None
            if not moved:
                stop.wait(self._profile.poll_seconds)

    def _send_signed(self) -> int:
        """All that is signed, in order of nonce; an account whose transaction the node does not take waits."""
        moved, stuck = 0, set[str]()
        while True:
            with read(self._engine) as connection:
                rows = outbox.rows_in(connection, "signed", BATCH, but=stuck)
            if not rows:
                return moved
            moved += self._send(rows, stuck)

    def _send(self, rows: Sequence[OutboxRow], stuck: set[str]) -> int:
        answers = self._client.send_all([bytes.fromhex((row.raw or "").removeprefix("0x")) for row in rows])
        moved, outbid = 0, list[OutboxRow]()
        with write(self._engine) as connection:
            for row, answer in zip(rows, answers, strict=True):
                if _arrived(answer):
                    moved += outbox.mark(connection, row, "sent", error=None)
                    continue
                if row.account not in stuck and _offers_too_little(answer):
                    outbid.append(row)
                stuck.add(row.account)
                if row.error != str(answer):  # Kept for whoever waits for the row; it is sent again.
                    outbox.mark(connection, row, "signed", error=str(answer))
                    self._log.warning("not taken", **about(row), reason=str(answer))
        for row, answer in zip(rows, answers, strict=True):
            if _arrived(answer):
                self._log.info("sent", **about(row))
        return moved + sum(self._unstick.replace(row) for row in outbid)


def _arrived(answer: str | NodeRefused | Reverted) -> bool:
    """The node has it, or had it: whether it was mined is for the receipt to say."""
    if isinstance(answer, str):
        return True
    said = str(answer).lower()
    return isinstance(answer, Reverted) or any(words in said for words in (*_HAD_ALREADY, *_NONCE_USED))


def _offers_too_little(answer: str | NodeRefused | Reverted) -> bool:
    return any(words in str(answer).lower() for words in _TOO_LITTLE)


# --- the process -----------------------------------------------------------------------------------------------------


def serve(home: Home, stop: threading.Event, worker: str | None = None) -> None:
    """Until `stop` is set. Unavailable when another sender of this home runs, or another of this worker's name."""
    settings = Settings.load(home)
    profile = profile_named(settings.profile)
    with single_instance(home, f"sender-{worker}" if worker else "sender"):
        engine = open_database(home)
        ensure_schema(engine)
        client = open_client(home, settings)
        sender = Sender(engine, client, SignerClient.of(home, settings), profile, settings.chain_id, genesis_of(home))
        structlog.get_logger().info("sender ready", home=str(home.path), node=client.url)
        start_watching(engine, client, home, "sender" if worker is None else f"sender-{worker}", stop)
        _await_chain(client, home, settings, stop)
        sender.run(stop)


def _await_chain(client: Client, home: Home, settings: Settings, stop: threading.Event) -> None:
    """Waits for the node; BadInput when it serves another chain: nothing is sent there."""
    while not stop.is_set():
        try:
            client.require_chain(settings.chain_id, genesis_of(home))
            return
        except Unavailable as error:
            structlog.get_logger().warning("waiting", reason=str(error))
            stop.wait(1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ledger.chain.sender", description="Sends what one home has queued."
    )
    parser.add_argument("--home", type=Path)
    parser.add_argument("--worker", metavar="NAME", help="one of several beside one another, by a name of its own")
    options = parser.parse_args(arguments)
    configure_logging("sender")
    return run_main(lambda: serve(home_from(options.home), stop_event(), options.worker))


if __name__ == "__main__":
    sys.exit(main())
