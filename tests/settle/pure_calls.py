"""Runs a pure function of a shipped artifact in a bare py-evm computation: no chain, no account, no transaction around it.

That is many times faster than a call through a node, and it is the very bytecode that gets deployed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from eth.constants import BLANK_ROOT_HASH, ZERO_ADDRESS, ZERO_HASH32
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.frontier.transaction_context import FrontierTransactionContext
from eth.vm.forks.london.computation import LondonComputation
from eth.vm.forks.london.state import LondonState
from eth.vm.message import Message
from eth_abi.abi import decode, encode
from eth_typing import BlockNumber
from eth_utils.abi import collapse_if_tuple, function_signature_to_4byte_selector

PLENTY_OF_GAS = 10**9

_jump_places: dict[bytes, tuple[set[int], set[int]]] = {}


@dataclass(frozen=True)
class Refused:
    """The call reverted with this custom error."""

    error: str


class _UnmeteredComputation(LondonComputation):
    """London's rules without counting gas, which a pure function cannot see."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # Where jumps may land depends on the code alone: found once, not at each call.
        places = _jump_places.setdefault(self.msg.code, (set(), set()))
        code: Any = self.code
        code.valid_positions, code.invalid_positions = places

    def consume_gas(self, amount: int, reason: str) -> None:
        pass


class PureFunction:
    """One pure function of one shipped contract."""

    def __init__(self, contract: str, function: str) -> None:
        shipped = resources.files("ledger.chain") / "artifacts" / f"{contract}.json"
        artifact: Any = json.loads(shipped.read_text("utf-8"))
        entry = next(item for item in artifact["abi"] if item.get("name") == function and item["type"] == "function")
        assert entry["stateMutability"] == "pure", f"{contract}.{function} is not pure"
        self._code = bytes.fromhex(artifact["deployedBytecode"].removeprefix("0x"))
        self._selector = selector_of(entry)
        self._inputs = [collapse_if_tuple(item) for item in entry["inputs"]]
        self._outputs = [collapse_if_tuple(item) for item in entry["outputs"]]
        errors = [item for item in artifact["abi"] if item["type"] == "error"]
        self._errors = {selector_of(item): item["name"] for item in errors}
        context = ExecutionContext(ZERO_ADDRESS, 0, BlockNumber(1), 0, ZERO_HASH32, PLENTY_OF_GAS, [], 7710, 0)
        self._state = LondonState(AtomicDB(), context, BLANK_ROOT_HASH)
        self._transaction = FrontierTransactionContext(0, ZERO_ADDRESS)

    def __call__(self, *arguments: Any) -> Sequence[Any] | Refused:
        """The decoded results, or the custom error by its name. A panic is no custom error and fails the test."""
        data = self.call_data(*arguments)
        message = Message(PLENTY_OF_GAS, ZERO_ADDRESS, ZERO_ADDRESS, 0, data, self._code, is_static=True)
        computation = _UnmeteredComputation.apply_computation(self._state, message, self._transaction)
        return self.answer(computation.output, not computation.is_error)

    def call_data(self, *arguments: Any) -> bytes:
        return self._selector + encode(self._inputs, arguments)

    def answer(self, output: bytes, done: bool) -> Sequence[Any] | Refused:
        """What a call gave; `done`: it did not revert."""
        return decode(self._outputs, output) if done else Refused(self._errors[output[:4]])


def selector_of(entry: Any) -> bytes:
    """The first four bytes of the hash of a function's or an error's signature."""
    types = ",".join(collapse_if_tuple(item) for item in entry["inputs"])
    return function_signature_to_4byte_selector(f"{entry['name']}({types})")
