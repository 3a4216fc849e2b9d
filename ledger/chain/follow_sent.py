"""Follows what was sent to its final block: closes it there, sends again what a node forgot, starts over what lost its
nonce to another transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from sqlalchemy import Engine

from ledger.chain import outbox
from ledger.chain.answers import Receipt
from ledger.chain.client import Client
from ledger.chain.outbox import OutboxRow
from ledger.chain.profiles import Profile
from ledger.errors import Unavailable
from ledger.store.database import read, write

#: Rows a look.
MOST_ROWS = 2_000

#: Without a new block, how long until the node is asked whether it still knows what was sent to it.
LOOK_AGAIN_SECONDS = 1.0

#: Contracts whose receipts decide about money: where there are several nodes, a majority must show the same one.
MONEY = frozenset({"Credit", "Escrow"})


class FollowSent:
    """One sender's look at what is under way. `waiting`: the rows of the last look that no block held yet."""

    def __init__(self, engine: Engine, client: Client, profile: Profile) -> None:
        self._engine = engine
        self._client = client
        self._log = structlog.get_logger()
        self._last: tuple[int, float] | None = None  # the final block at the last look, and when that was
        self._suspects: dict[int, tuple[str | None, float]] = {}  # rows that seem to have lost their nonce, since when
        # A node behind the one that counted the nonce would show no receipt either: a loss must last so long.
        self._confirm_seconds = 3 * (profile.block_seconds or 0.3)
        self.waiting: tuple[OutboxRow, ...] = ()

    def step(self) -> int:
        """How many rows moved."""
        with read(self._engine) as connection:
            rows = outbox.rows_in(connection, "sent", MOST_ROWS)
        if not rows:
            self.waiting = ()
            return 0
        # The final block first: a receipt read later can only be in the same block or have appeared since.
        final = self._client.final_block()
        if self._last and self._last[0] == final and time.monotonic() - self._last[1] < LOOK_AGAIN_SECONDS:
            return 0  # No block since the last look: no receipt either.
        self._last = (final, time.monotonic())
        receipts = self._receipts(rows)
        moved = self._close([(row, receipts[row.id]) for row in rows if row.id in receipts], final)
        self.waiting = tuple(row for row in rows if row.id not in receipts)
        return moved + self._recover(self.waiting)

    def _receipts(self, rows: Sequence[OutboxRow], client: Client | None = None) -> dict[int, Receipt]:
        """By row: of whichever of its transactions was mined."""
        hashes = [(row.id, digest) for row in rows for digest in row.hashes]
        answers = (client or self._client).receipts([digest for _, digest in hashes])
        return {row: receipt for (row, _), receipt in zip(hashes, answers, strict=True) if receipt is not None}

    def _close(self, mined: Sequence[tuple[OutboxRow, Receipt]], final: int) -> int:
        """Rows in final blocks end here, the refused ones with the contract's sentence."""
        ended = self._for_sure([(row, receipt) for row, receipt in mined if receipt.block <= final])
        refusals = {
            row.id: self._client.revert_reason(receipt.transaction_hash)
            for row, receipt in ended
            if not receipt.succeeded
        }
        moved = 0
        with write(self._engine) as connection:
            for row, receipt in ended:
                refusal = refusals.get(row.id)
                state: outbox.State = "final" if refusal is None else "reverted"
                values = {"block": receipt.block, "tx_hash": receipt.transaction_hash}
                error = None if refusal is None else str(refusal)
                moved += outbox.mark(connection, row, state, error=error, **values)
        for row, receipt in ended:
            self._tell("reverted" if row.id in refusals else "final", row, block=receipt.block)
        return moved

    def _for_sure(self, ended: list[tuple[OutboxRow, Receipt]]) -> list[tuple[OutboxRow, Receipt]]:
        """Without those about money for which no majority of the nodes shows the same receipt (yet)."""
        money = [(row, receipt) for row, receipt in ended if row.contract in MONEY]
        if not money:
            return ended
        try:
            agreed = self._client.agreed([receipt for _, receipt in money])
        except Unavailable as error:
            self._log.warning("no majority", reason=str(error))
            agreed = [False] * len(money)
        doubted = {row.id for (row, _), sure in zip(money, agreed, strict=True) if not sure}
        return [(row, receipt) for row, receipt in ended if row.id not in doubted]

    # --- what no block holds -----------------------------------------------------------------------------------------

    def _recover(self, rows: Sequence[OutboxRow]) -> int:
        """What the node forgot (killed with its pool) is sent again; what lost its nonce starts over."""
        if not rows:
            return 0
        known = self._client.known([str(row.tx_hash) for row in rows])
        forgotten = [row for row, has in zip(rows, known, strict=True) if not has]
        if not forgotten:
            return 0
        used = self._client.nonces(sorted({row.account for row in forgotten}), pending=False)
        passed = [row for row in forgotten if row.nonce is not None and used[row.account] > row.nonce]
        lost = self._lost(passed)
        moved = 0
        with write(self._engine) as connection:
            for row in forgotten:
                if row.id in lost:
                    moved += outbox.start_over(connection, row)
                elif row not in passed:
                    outbox.mark(connection, row, "signed")
        for row in forgotten:
            if row.id in lost or row not in passed:
                self._tell("nonce lost" if row.id in lost else "resending", row)
        return moved

    def _lost(self, passed: Sequence[OutboxRow]) -> set[int]:
        """Rows whose nonce another transaction has, for sure: seen twice with a pause, the second time by a majority."""
        # The nonce was counted after the receipt was asked for: ask again before saying that another took it.
        receipts = self._receipts(passed) if passed else {}
        now = time.monotonic()
        seen = {row.id: (row.tx_hash, now) for row in passed if row.id not in receipts}
        for identity, (tx_hash, _) in seen.items():
            before = self._suspects.get(identity)
            if before is not None and before[0] == tx_hash:
                seen[identity] = before
        self._suspects = seen
        due = [row for row in passed if row.id in seen and now - seen[row.id][1] >= self._confirm_seconds]
        if not due:
            return set()
        try:
            majority = self._client.by_quorum()
            used = majority.nonces(sorted({row.account for row in due}), pending=False)
            receipts = self._receipts(due, majority)
        except Unavailable:
            return set()  # The next look tells.
        return {row.id for row in due if row.id not in receipts and used[row.account] > (row.nonce or 0)}

    def _tell(self, what: str, row: OutboxRow, **more: object) -> None:
        self._log.info(what, **about(row), **more)


def about(row: OutboxRow) -> dict[str, object]:
    """What a log line says of a row."""
    call = f"{row.contract}.{row.function}"
    return {"id": row.id, "key": row.key, "call": call, "account": row.account, "nonce": row.nonce, "tx": row.tx_hash}
