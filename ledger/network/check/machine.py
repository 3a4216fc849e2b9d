"""The EVM: which rules are in force, how gas is counted, how large a contract may be, and whether a revert tells why.

Small programs are run by `eth_call` as the creation of a contract that nobody sends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ledger.chain.rpc import RpcFault
from ledger.network.check.facts import Facts
from ledger.network.check.finding import Finding, adapts, fails, passes, unknown
from ledger.network.check.probe import Probe

CONTRACT_BYTES = 24_576
"""EIP-170; the ledger's contracts stay below it."""

_RETURN_WORD = "60005260206000f3"  # MSTORE at 0, RETURN 32 bytes

#: From which upgrade on an opcode is there: a program that returns a word.
_NEWER = {
    "london": "48" + _RETURN_WORD,  # BASEFEE
    "shanghai": "5f60005260206000f3",  # PUSH0
    "cancun": "60005c" + _RETURN_WORD,  # TLOAD
}

_SHIFT = "600460011b" + _RETURN_WORD  # 4 << ... : PUSH 4, PUSH 1, SHL gives 8
_CHAIN_ID = "46" + _RETURN_WORD
_OWN_CODE_HASH = "303f" + _RETURN_WORD  # ADDRESS, EXTCODEHASH
_SHA256 = "602060006000600060025afa5060206000f3"  # STATICCALL of precompile 2 without input
_COLD_LOOK = "5a600054505a9003" + _RETURN_WORD  # gas before a first SLOAD, less gas after
_REFUSAL = "63deadbeef6000526004601cfd"  # REVERT with four bytes


def check_machine(node: Probe, facts: Facts) -> Iterator[Finding]:
    first = node.run(_CHAIN_ID)
    if isinstance(first, RpcFault) or len(first) != 32:
        said = first.message if isinstance(first, RpcFault) else f"it answered {len(first)} bytes"
        yield unknown(
            "EVM",
            f"The node runs no program by eth_call without an address ({said}).",
            "Its contracts find out when they are deployed: a failure leaves nothing half done.",
        )
        return
    yield _rules(node, facts, first)
    yield _gas(node, facts)
    yield _size(node)
    yield _revert(node)


def _rules(node: Probe, facts: Facts, chain_id: bytes) -> Finding:
    empty = hashlib.sha256(b"").digest()
    trials = {
        "CHAINID": int.from_bytes(chain_id, "big") == facts.chain_id,
        "SHL": node.run(_SHIFT) == (8).to_bytes(32, "big"),
        "EXTCODEHASH": not isinstance(node.run(_OWN_CODE_HASH), RpcFault),
        "the precompile SHA-256": node.run(_SHA256) == empty,
    }
    missing = [name for name, there in trials.items() if not there]
    if missing:
        return fails("EVM", f"The chain's rules are too old: {', '.join(missing)} does not do what it should.")
    facts.rules = "istanbul"
    for name, program in _NEWER.items():
        if isinstance(node.run(program), RpcFault):
            break
        facts.rules = name
    return passes("EVM", f"Rules of {facts.rules.capitalize()} or later; the contracts use none newer than London's.")


def _gas(node: Probe, facts: Facts) -> Finding:
    answer = node.run(_COLD_LOOK)
    if isinstance(answer, RpcFault):
        return unknown("gas", "How the node counts gas could not be measured.", "It estimates each transaction.")
    cost = int.from_bytes(answer, "big") - 7  # PUSH, POP and GAS between the two readings
    facts.gas_schedule = "berlin" if cost >= 2_100 else "istanbul"
    return passes(
        "gas", f"A first look into storage costs {cost:,}: counted as since {facts.gas_schedule.capitalize()}."
    )


def _size(node: Probe) -> Finding:
    answer = node.run(f"62{CONTRACT_BYTES:06x}6000f3")
    if isinstance(answer, RpcFault):
        return fails("contract size", f"A contract of {CONTRACT_BYTES:,} bytes is refused: {answer.message}.")
    return passes("contract size", f"A contract may have {CONTRACT_BYTES:,} bytes.")


def _revert(node: Probe) -> Finding:
    answer = node.run(_REFUSAL)
    if not isinstance(answer, RpcFault):
        return fails("reverts", "A call that reverts is answered as if it had not: refusals would count as done.")
    data = answer.data.get("data") if isinstance(answer.data, dict) else answer.data
    if isinstance(data, str) and "deadbeef" in data.lower():
        return passes("reverts", f"A revert arrives with its data (code {answer.code}).")
    return adapts(
        "reverts",
        f"A revert arrives without its data (code {answer.code}: {answer.message}).",
        "It knows that a contract refused, and not why: sentences about refusals stay general.",
    )
