"""Signs what is queued in the outbox: estimates gas where asked, assigns nonces, has the signer sign, stores.

A nonce is assigned only together with its stored signature, so a refusal leaves no gap. Rows of one account keep their
order: where one has to wait, those behind it wait too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from eth_utils.crypto import keccak
from sqlalchemy import Engine

from ledger.chain import outbox
from ledger.chain.client import Client
from ledger.chain.nonces import Signature, next_nonces, store_signed
from ledger.chain.outbox import OutboxRow
from ledger.chain.profiles import Profile
from ledger.chain.session import Authority
from ledger.chain.signer_client import SignerClient, SigningRequest
from ledger.errors import NodeRefused, Reverted, SuyuanError
from ledger.store.database import read, write

#: Rows a pass: one round trip to the node and one to the signer each.
BATCH = 200

#: Added to an estimate, in percent and gas: the state may have changed when the transaction is mined.
MARGIN_PERCENT = 25
MARGIN_GAS = 20_000


@dataclass
class _Plan:
    """What a pass does with the rows that it read."""

    ready: list[tuple[OutboxRow, int]] = field(default_factory=list)  # with gas
    refused: list[tuple[OutboxRow, SuyuanError]] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)  # accounts
    untold: list[tuple[OutboxRow, NodeRefused]] = field(default_factory=list)  # the node gave no estimate, and why


def sign_queued(engine: Engine, client: Client, signer: SignerClient, profile: Profile, chain_id: int) -> int:
    """Signs all that can be signed now; returns how many rows moved."""
    moved, waiting = 0, set[str]()
    while True:
        with read(engine) as connection:
            rows = outbox.rows_in(connection, "queued", BATCH, but=waiting)
            since = outbox.in_flight_since(connection)
            stored = next_nonces(connection, {row.account for row in rows})
        if not rows:
            return moved
        plan = _plan(client, rows, since, bool(waiting))
        signatures, refused = _sign(client, signer, profile, chain_id, plan.ready, stored)
        changed = store_signed(engine, signatures) if signatures else 0
        changed += _refuse(engine, [*plan.refused, *refused])
        _note(engine, plan.untold)
        waiting |= plan.waiting
        moved += changed
        if not changed and not plan.waiting:
            return moved  # Another sender was quicker; the next step sees what it left.


def _plan(client: Client, rows: Sequence[OutboxRow], in_flight_since: int | None, others_wait: bool) -> _Plan:
    """Which rows to sign with how much gas, which are refused, and whose accounts wait."""
    plan = _Plan()
    asked = [row for row in rows if row.gas == 0]
    messages = [{"from": row.account, "to": row.to, "data": row.data} for row in asked]
    estimates = dict(zip((row.id for row in asked), client.estimates(messages), strict=True)) if asked else {}
    limit = client.head().gas_limit
    for row in rows:
        if row.account in plan.waiting:
            continue
        estimate = estimates.get(row.id, row.gas)
        if isinstance(estimate, Reverted):
            # The estimate ran on the state of the head: what was queued before this row may be what it needs.
            earlier = in_flight_since is not None and in_flight_since <= row.queued_at
            if earlier or others_wait or plan.ready or plan.waiting:
                plan.waiting.add(row.account)
            else:
                plan.refused.append((row, estimate))
        elif isinstance(estimate, NodeRefused):
            plan.waiting.add(row.account)
            plan.untold.append((row, estimate))
        elif estimate > limit:
            sentence = f"It needs {estimate} gas, and a block of this chain holds {limit}."
            plan.refused.append((row, Reverted(sentence, hint="Split it into smaller parts.")))
        else:
            plan.ready.append((row, row.gas or min(estimate + estimate * MARGIN_PERCENT // 100 + MARGIN_GAS, limit)))
    return plan


def _sign(
    client: Client,
    signer: SignerClient,
    profile: Profile,
    chain_id: int,
    ready: Sequence[tuple[OutboxRow, int]],
    stored: dict[str, int],
) -> tuple[list[Signature], list[tuple[OutboxRow, SuyuanError]]]:
    """Signatures with ascending nonces by account, and refusals. Behind an account's refusal nothing is kept: those
    nonces would leave a gap, and the next pass signs these rows again."""
    if not ready:
        return [], []
    counts = client.nonces(sorted({row.account for row, _ in ready}))
    following = {account: max(stored[account], count) for account, count in counts.items()}
    fees = profile.fee.fields(base_fee_wei=client.head().base_fee_wei)
    requests = []
    for row, gas in ready:
        nonce = following[row.account]
        following[row.account] += 1
        transaction = transaction_of(row, gas, nonce, chain_id, fees)
        authority = Authority.from_json(row.authority) if row.authority else None
        requests.append(SigningRequest(transaction, row.account, authority))
    signatures: list[Signature] = []
    refused: dict[str, tuple[OutboxRow, SuyuanError]] = {}  # by account
    for (row, gas), request, answer in zip(ready, requests, signer.sign_many(requests), strict=True):
        if row.account in refused:
            continue
        if isinstance(answer, SuyuanError):
            refused[row.account] = (row, answer)
            continue
        digest = "0x" + keccak(answer).hex()
        nonce = request.transaction["nonce"]
        signatures.append(Signature(row.id, row.account, nonce, gas, "0x" + answer.hex(), digest))
    return signatures, list(refused.values())


def transaction_of(row: OutboxRow, gas: int, nonce: int, chain_id: int, fees: Mapping[str, int]) -> dict[str, Any]:
    """A row as a transaction to be signed."""
    call = {"to": row.to, "data": row.data, "value": 0}
    return {**call, "gas": gas, "nonce": nonce, "chainId": chain_id, **fees}


def _note(engine: Engine, untold: Sequence[tuple[OutboxRow, NodeRefused]]) -> None:
    """Keeps the node's words beside a row that waits, so that its status can tell why."""
    news = [(row, error) for row, error in untold if row.error != str(error)]
    if news:
        with write(engine) as connection:
            for row, error in news:
                outbox.mark(connection, row, "queued", error=str(error))
                structlog.get_logger().warning("no gas estimate", id=row.id, key=row.key, reason=str(error))


def _refuse(engine: Engine, refused: Iterable[tuple[OutboxRow, SuyuanError]]) -> int:
    """Ends rows that nobody will sign or that the contract would refuse; nothing was sent and no nonce is used."""
    refusals = list(refused)
    if not refusals:
        return 0
    with write(engine) as connection:
        changed = sum(outbox.mark(connection, row, "reverted", error=str(error)) for row, error in refusals)
    for row, error in refusals:
        structlog.get_logger().info("refused", id=row.id, key=row.key, reason=str(error))
    return changed
