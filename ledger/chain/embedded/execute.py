"""What a call would do: its output, or the least gas with which it succeeds. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth.abc import ComputationAPI, StateAPI
from eth.exceptions import OutOfGas, Revert
from eth_utils.address import to_checksum_address
from eth_utils.exceptions import ValidationError

from ledger.chain.embedded.backend import FileBackend
from ledger.chain.embedded.refusals import Refusal, refused, reverted

# As geth does: the search may end when it is this near, in parts of the estimate.
_TOLERANCE_PERMILLE = 15
_CALL_STIPEND = 2_300


def call_output(backend: FileBackend, state: StateAPI, call: Mapping[str, Any]) -> bytes:
    """The bytes that the call returns. Refusal with code 3 and the revert's data if the contract refuses."""
    computation = _run(backend, state, call)
    if computation.is_error:
        raise _failure(computation, call["gas"])
    return bytes(computation.output)


def least_gas(backend: FileBackend, state: StateAPI, call: Mapping[str, Any]) -> int:
    """Gas with which the call succeeds, at most 1.5 % above the least; `call['gas']` is the most that is tried."""
    most = call["gas"]
    computation = _run(backend, state, call)
    if computation.is_error:
        raise _failure(computation, most)
    remaining = computation.get_gas_remaining()
    used = most - remaining
    enough, too_little = most, used - computation.get_gas_refund() - 1
    # What was used is often enough; a callee gets 63/64 of what is left (EIP-150), so a little more nearly always is.
    guesses = [(used + _CALL_STIPEND) * 64 // 63, used]
    while enough - too_little > 1:
        if enough < most and (enough - too_little) * 1_000 < enough * _TOLERANCE_PERMILLE:
            break
        guess = guesses.pop() if guesses else 0
        attempt = guess if too_little < guess < enough else (enough + too_little) // 2
        if _succeeds(backend, state, {**call, "gas": attempt}):
            enough = attempt
        else:
            too_little = attempt
    return int(enough)


def _succeeds(backend: FileBackend, state: StateAPI, call: Mapping[str, Any]) -> bool:
    try:
        return not _run(backend, state, call).is_error
    except Refusal:  # less than the intrinsic gas
        return False


def _run(backend: FileBackend, state: StateAPI, call: Mapping[str, Any]) -> ComputationAPI:
    sender, value = call["from"], call["value"]
    balance = state.get_balance(sender)
    if balance < value:
        who = to_checksum_address(sender)
        raise refused(f"insufficient funds for gas * price + value: address {who} have {balance} want {value}")
    try:
        return backend.run(state, call)
    except ValidationError as error:
        raise refused(str(error)) from None


def _failure(computation: ComputationAPI, gas: int) -> Refusal:
    error = computation.error
    if isinstance(error, Revert):
        return reverted(bytes(computation.output))
    if isinstance(error, OutOfGas):
        return refused(f"out of gas: gas required exceeds allowance ({gas})")
    return refused(f"{type(error).__name__}: {error}")
