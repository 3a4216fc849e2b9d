"""Frees an account whose next transaction is not mined while blocks come: each later one waits behind it.

A transaction that is stuck is replaced by one that offers more, where the chain has fees, and handed to every node
where it has none. A nonce that belongs to no transaction any more (it was sent from elsewhere and lost with its node)
is used up by a transaction of the account to itself that does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import structlog
from eth_utils.crypto import keccak
from sqlalchemy import Engine

from ledger.chain.client import Client
from ledger.chain.follow_sent import LOOK_AGAIN_SECONDS, about
from ledger.chain.nonces import Signature, in_flight_nonces, store_filler, store_replacement
from ledger.chain.outbox import OutboxRow
from ledger.chain.profiles import Profile
from ledger.chain.session import Authority
from ledger.chain.sign_queued import transaction_of
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.errors import SuyuanError
from ledger.store.database import read

#: A transaction that could be mined is stuck after so many blocks, and not before so many seconds.
STUCK_BLOCKS = 6
STUCK_SECONDS = 10.0

#: Where blocks come only when something can be put into them, time alone tells.
STUCK_SECONDS_WITHOUT_BLOCKS = 20.0

#: How long a nonce must be missing: its transaction may be on its way.
MISSING_SECONDS = 10.0

#: A plain transfer (Yellow Paper, appendix G).
FILLER_GAS = 21_000


class Unstick:
    """One sender's patience with its accounts. Unavailable when node or signer is away."""

    def __init__(self, engine: Engine, client: Client, signer: SignerClient, profile: Profile, chain_id: int) -> None:
        self._engine = engine
        self._client = client
        self._signer = signer
        self._profile = profile
        self._chain_id = chain_id
        self._log = structlog.get_logger()
        self._looked = float("-inf")
        self._since: dict[tuple[str, int], tuple[int, float]] = {}  # account, nonce: block and time at the first sight

    def step(self, waiting: Sequence[OutboxRow]) -> int:
        """Looks at the accounts of all that is under way; `waiting`: sent, known to a node and in no block yet."""
        if time.monotonic() - self._looked < LOOK_AGAIN_SECONDS:
            return 0
        self._looked = time.monotonic()
        with read(self._engine) as connection:
            nonces = in_flight_nonces(connection)
        if not nonces:
            self._since.clear()
            return 0
        height = self._client.head().number
        mined = self._client.nonces(sorted(nonces), pending=False)
        missing = {account: list(_missing(mined[account], nonces[account])) for account in nonces}
        stuck = {
            (row.account, row.nonce): row
            for row in waiting
            if row.nonce is not None and row.nonce == mined.get(row.account)
        }
        gaps = {(account, each[0]) for account, each in missing.items() if each}
        self._since = {key: self._since.get(key, (height, time.monotonic())) for key in {*stuck, *gaps}}
        moved = 0
        for key, row in stuck.items():
            if self._is_stuck(key, height):
                del self._since[key]
                moved += self._push(row)
        for account, nonce in gaps:
            if time.monotonic() - self._since[account, nonce][1] >= MISSING_SECONDS:
                del self._since[account, nonce]
                moved += self._fill(account, missing[account])
        return moved

    def replace(self, row: OutboxRow) -> int:
        """Signs a transaction in the row's place that offers more; it is sent with the signed ones."""
        if row.nonce is None or not self._profile.fee.can_replace(row.attempt + 1):
            return 0
        fees = self._profile.fee.fields(attempt=row.attempt + 1, base_fee_wei=self._client.head().base_fee_wei)
        transaction = transaction_of(row, row.gas, row.nonce, self._chain_id, fees)
        authority = Authority.from_json(row.authority) if row.authority else None
        signature = self._signed(row.id, SigningRequest(transaction, row.account, authority))
        if signature is None:
            return 0
        moved = store_replacement(self._engine, row, signature)
        if moved:
            self._log.info("replaced", **about(row), attempt=row.attempt + 1)
        return moved

    # --- parts -------------------------------------------------------------------------------------------------------

    def _is_stuck(self, key: tuple[str, int], height: int) -> bool:
        block, at = self._since[key]
        seconds = time.monotonic() - at
        if self._profile.block_seconds is None:
            return seconds >= STUCK_SECONDS_WITHOUT_BLOCKS
        return height - block >= STUCK_BLOCKS and seconds >= STUCK_SECONDS

    def _push(self, row: OutboxRow) -> int:
        if self.replace(row):
            return 1
        self._client.send_everywhere([bytes.fromhex((row.raw or "").removeprefix("0x"))])
        self._log.info("sent to every node", **about(row))
        return 0

    def _fill(self, account: str, missing: Sequence[int]) -> int:
        """Uses up the nonces that no transaction has, neither ours nor one that a node still holds."""
        held = self._client.nonce(account)  # with those that wait in the node
        moved = 0
        for nonce in missing:
            if nonce < held:
                continue
            fees = self._profile.fee.fields(base_fee_wei=self._client.head().base_fee_wei)
            filler = {"to": account, "data": "0x", "value": 0, "gas": FILLER_GAS, "nonce": nonce}
            signature = self._signed(0, SigningRequest({**filler, "chainId": self._chain_id, **fees}, account, None))
            if signature is None:
                return moved
            moved += store_filler(self._engine, signature, int(time.time()))
            self._log.warning("lost nonce filled", account=account, nonce=nonce, tx=signature.tx_hash)
        return moved

    def _signed(self, identity: int, request: SigningRequest) -> Signature | None:
        (answer,) = self._signer.sign_many([request])
        nonce, gas = request.transaction["nonce"], request.transaction["gas"]
        if isinstance(answer, SuyuanError):
            self._log.warning("not signed anew", account=request.account, nonce=nonce, reason=str(answer))
            return None
        digest = "0x" + keccak(answer).hex()
        return Signature(identity, request.account, nonce, gas, "0x" + answer.hex(), digest)


def _missing(mined: int, in_flight: set[int]) -> Iterator[int]:
    """Nonces between what was mined and what is under way that no row has."""
    return (nonce for nonce in range(mined, max(in_flight)) if nonce not in in_flight)
