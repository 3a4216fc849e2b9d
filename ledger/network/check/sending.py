"""With a funded key: a few transactions to itself, to see what the pool does with nonces, and how long finality takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.chain.fees import GWEI
from ledger.chain.rpc import RpcFault
from ledger.chain.sign_plain import sign_plain
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes
from ledger.network.check.probe import Probe

GAS = 21_000
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Sending:
    """Whose key is used. It spends gas for three transfers of nothing to itself."""

    account: str
    private_key: bytes

    def __repr__(self) -> str:
        return f"Sending({self.account})"


def check_sending(node: Probe, facts: Facts, sending: Sending) -> Iterator[Finding]:
    nonce = node.number("eth_getTransactionCount", sending.account, "latest")
    if nonce is None or facts.chain_id is None:
        yield fails("sending", "The node does not tell the account's nonce.")
        return
    first, second = (_signed(facts, sending, nonce + ahead) for ahead in (0, 1))
    gap = node.ask("eth_sendRawTransaction", second.raw)
    taken = node.ask("eth_sendRawTransaction", first.raw)
    if isinstance(taken, RpcFault):
        yield fails("sending", f"A transaction of {sending.account} is refused: {taken.message}.")
        return
    yield _gap(node, gap, second)
    again = node.ask("eth_sendRawTransaction", first.raw)
    said = again.message if isinstance(again, RpcFault) else "with its hash"
    yield passes("repeats", f"A transaction sent twice is answered: {said}.")
    yield _until_mined(node, facts, [first, second])


@dataclass(frozen=True)
class _Signed:
    raw: str
    digest: str


def _signed(facts: Facts, sending: Sending, nonce: int) -> _Signed:
    transaction: dict[str, Any] = {
        "to": sending.account,
        "value": 0,
        "gas": GAS,
        "nonce": nonce,
        "chainId": facts.chain_id,
        "gasPrice": 0 if facts.fee_mode == "legacy_zero" else max(2 * facts.fee_wei, GWEI),
    }
    raw, digest = sign_plain(transaction, sending.private_key)
    return _Signed("0x" + raw.hex(), digest)


def _gap(node: Probe, answer: Any, second: _Signed) -> Finding:
    if not isinstance(answer, RpcFault):
        return passes("nonces", "A transaction whose nonce is one too high waits for the one before it.")
    retried = node.ask("eth_sendRawTransaction", second.raw)
    if isinstance(retried, RpcFault):
        return fails("nonces", f"The second transaction is refused after the first: {retried.message}.")
    return adapts(
        "nonces",
        f"A nonce one too high is refused ({answer.message}).",
        "It sends in order, and again until it is taken.",
    )


def _until_mined(node: Probe, facts: Facts, sent: list[_Signed]) -> Finding:
    begun = time.monotonic()
    while time.monotonic() - begun < WAIT_SECONDS:
        receipts = [node.ask("eth_getTransactionReceipt", each.digest) for each in sent]
        if all(isinstance(receipt, dict) and receipt.get("blockNumber") for receipt in receipts):
            seconds = time.monotonic() - begun
            last = max(int(receipt["blockNumber"], 16) for receipt in receipts)
            if facts.finality_tag is not None:
                while (final := node.block(facts.finality_tag)) is None or int(final["number"], 16) < last:
                    if time.monotonic() - begun > WAIT_SECONDS:
                        return adapts(
                            "sending",
                            f"Mined after {seconds:.1f} s, and not final after {WAIT_SECONDS:.0f}.",
                            "It waits.",
                        )
                    time.sleep(0.2)
                seconds = time.monotonic() - begun
            return passes("sending", f"Two transactions are final {seconds:.1f} s after they were sent.")
        time.sleep(0.1)
    return fails("sending", f"Two transactions are not mined after {WAIT_SECONDS:.0f} s.", "It would wait for ever.")
