"""The sender: brings what stands in the outbox onto the chain, each intent exactly once, whatever is killed when.

    python -m ledger.chain.sender --home DIR

A step (1) follows what was sent, (2) signs what is queued and stores it, (3) sends what is signed. Between the three
lie commits, and no database transaction is open while the signer or the node is asked. What was sent before a crash is
sent again: the same bytes with the same nonce, which a chain takes once.
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
from ledger.chain.client import Client, Receipt
from ledger.chain.connect import genesis_of, open_client
from ledger.chain.outbox import OutboxRow
from ledger.chain.process import configure_logging, run_main, single_instance, stop_event
from ledger.chain.profiles import Profile, profile_named
from ledger.chain.sign_queued import sign_queued
from ledger.chain.signer_client import SignerClient
from ledger.config import Home, Settings, home_from
from ledger.errors import NodeRefused, Reverted, Unavailable
from ledger.store.database import open_database, read, write
from ledger.store.migrate import ensure_schema

#: Rows a query and calls a batch.
BATCH = 200

#: Without a new block, how long until the node is asked whether it still knows what was sent to it.
LOOK_AGAIN_SECONDS = 1.0

#: How nodes say that they have the very transaction already, or mined one with its nonce.
_HAD_ALREADY = ("already known", "known transaction", "already imported", "already exists", "already in the pool")
_NONCE_USED = ("nonce too low", "nonce is too low", "nonce too old", "old nonce")


class Sender:
    """One home's sender. Several may run by accident: rows move by compare-and-set, and nonces are unique."""

    def __init__(self, engine: Engine, client: Client, signer: SignerClient, profile: Profile, chain_id: int) -> None:
        self._engine = engine
        self._client = client
        self._signer = signer
        self._profile = profile
        self._chain_id = chain_id
        self._log = structlog.get_logger()
        self._followed: tuple[int, float] | None = None  # the final block at the last look, and when that was

    def step(self) -> int:
        """How many rows moved. Unavailable when node, signer or database is away; what moved before stays."""
        moved, away = self._follow_sent(), None
        try:
            moved += sign_queued(self._engine, self._client, self._signer, self._profile, self._chain_id)
        except Unavailable as error:  # What is signed already needs no signer.
            away = error
        moved += self._send_signed()
        if away is not None:
            raise away
        return moved

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

    # --- (1) follow --------------------------------------------------------------------------------------------------

    def _follow_sent(self) -> int:
        with read(self._engine) as connection:
            rows = outbox.rows_in(connection, "sent", 10 * BATCH)
        if not rows:
            return 0
        # The final block first: a receipt read later can only be in the same block or have appeared since.
        final = self._client.final_block()
        if self._followed and self._followed[0] == final and time.monotonic() - self._followed[1] < LOOK_AGAIN_SECONDS:
            return 0  # No block since the last look: no receipt either.
        self._followed = (final, time.monotonic())
        receipts = self._client.receipts([_hash(row) for row in rows])
        moved = self._close([(row, receipt) for row, receipt in zip(rows, receipts, strict=True) if receipt], final)
        without = [row for row, receipt in zip(rows, receipts, strict=True) if receipt is None]
        return moved + self._recover(without)

    def _close(self, mined: Sequence[tuple[OutboxRow, Receipt]], final: int) -> int:
        """Rows in final blocks end here, the refused ones with the contract's sentence."""
        ended = [(row, receipt) for row, receipt in mined if receipt.block <= final]
        refusals = {row.id: self._client.revert_reason(_hash(row)) for row, receipt in ended if not receipt.succeeded}
        moved = 0
        with write(self._engine) as connection:
            for row, receipt in ended:
                refusal = refusals.get(row.id)
                state: outbox.State = "final" if refusal is None else "reverted"
                error = None if refusal is None else str(refusal)
                moved += outbox.mark(connection, row, state, block=receipt.block, error=error)
        for row, receipt in ended:
            self._tell("reverted" if row.id in refusals else "final", row, block=receipt.block)
        return moved

    def _recover(self, rows: Sequence[OutboxRow]) -> int:
        """What the node forgot (killed with its pool) is sent again; what lost its nonce starts over."""
        if not rows:
            return 0
        known = self._client.known([_hash(row) for row in rows])
        forgotten = [row for row, has in zip(rows, known, strict=True) if not has]
        if not forgotten:
            return 0
        used = self._client.nonces(sorted({row.account for row in forgotten}), pending=False)
        passed = [row for row in forgotten if row.nonce is not None and used[row.account] > row.nonce]
        # The nonce was counted after the receipt was asked for: ask again before saying that another took it.
        receipts = self._client.receipts([_hash(row) for row in passed]) if passed else []
        displaced = {row.id for row, receipt in zip(passed, receipts, strict=True) if receipt is None}
        moved = 0
        with write(self._engine) as connection:
            for row in forgotten:
                if row.id in displaced:
                    moved += outbox.requeue(connection, row)
                elif row not in passed:
                    outbox.mark(connection, row, "signed")
        for row in forgotten:
            self._tell("nonce lost" if row.id in displaced else "resending", row)
        return moved

    # --- (3) send ----------------------------------------------------------------------------------------------------

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
        moved = 0
        with write(self._engine) as connection:
            for row, answer in zip(rows, answers, strict=True):
                if _arrived(answer):
                    moved += outbox.mark(connection, row, "sent", error=None)
                    continue
                stuck.add(row.account)
                if row.error != str(answer):  # Kept for whoever waits for the row; it is sent again.
                    outbox.mark(connection, row, "signed", error=str(answer))
                    self._log.warning("not taken", **_about(row), reason=str(answer))
        for row, answer in zip(rows, answers, strict=True):
            if _arrived(answer):
                self._tell("sent", row)
        return moved

    def _tell(self, what: str, row: OutboxRow, **more: object) -> None:
        self._log.info(what, **_about(row), **more)


def _arrived(answer: str | NodeRefused | Reverted) -> bool:
    """The node has it, or had it: whether it was mined is for the receipt to say."""
    if isinstance(answer, str):
        return True
    said = str(answer).lower()
    return isinstance(answer, Reverted) or any(words in said for words in (*_HAD_ALREADY, *_NONCE_USED))


def _hash(row: OutboxRow) -> str:
    return row.tx_hash or ""


def _about(row: OutboxRow) -> dict[str, object]:
    call = f"{row.contract}.{row.function}"
    return {"id": row.id, "key": row.key, "call": call, "account": row.account, "nonce": row.nonce, "tx": row.tx_hash}


# --- the process -----------------------------------------------------------------------------------------------------


def serve(home: Home, stop: threading.Event) -> None:
    """Until `stop` is set. Unavailable when another sender of this home runs."""
    settings = Settings.load(home)
    profile = profile_named(settings.profile)
    with single_instance(home, "sender"):
        engine = open_database(home)
        ensure_schema(engine)
        client = open_client(home, settings)
        sender = Sender(engine, client, SignerClient.of(home, settings), profile, settings.chain_id)
        structlog.get_logger().info("sender ready", home=str(home.path), node=client.url)
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
    options = parser.parse_args(arguments)
    configure_logging()
    return run_main(lambda: serve(home_from(options.home), stop_event()))


if __name__ == "__main__":
    sys.exit(main())
