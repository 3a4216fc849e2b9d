"""Calls to our contracts and what they answer, encoded and decoded by the ABIs that ship here (Solidity ABI v2)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.chain.artifact import CONTRACTS, abi
from ledger.chain.refusals import panic_sentence, sentence_of
from ledger.config import Home
from ledger.errors import BadInput, NotFound, Reverted
from ledger.store.atomic import write_atomically

_ERROR_STRING = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")


@dataclass(frozen=True)
class Deployment:
    """Where this ledger stands: the chain, the first block that can hold a log of ours, contract addresses (EIP-55).

    `genesis`: the hash of the chain's first block, which tells it from another chain with the same id; None in a record
    of an older version. `former`: the addresses that a replaced contract had before, newest first; orders live out there,
    and what was said there stays said: they are read like the one of now.
    """

    chain_id: int
    first_block: int
    addresses: dict[str, str]
    genesis: str | None = None
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @staticmethod
    def load(home: Home) -> Deployment:
        """Reads `deployment.json`. NotFound until the ledger stands on the chain."""
        try:
            raw = json.loads(home.deployment_file.read_text(encoding="utf-8"))
            chain_id, first_block, addresses = int(raw["chain_id"]), int(raw["first_block"]), dict(raw["addresses"])
            former = {name: tuple(each) for name, each in raw.get("former", {}).items()}
            return Deployment(chain_id, first_block, addresses, raw.get("genesis"), former)
        except FileNotFoundError:
            raise NotFound(
                "The contracts of this ledger are not deployed yet.",
                where=str(home.deployment_file),
                hint="Run `suyuan up`, or ./scripts/demo.",
            ) from None
        except (ValueError, KeyError, TypeError):
            raise BadInput(
                "The record of the deployment cannot be read.",
                where=str(home.deployment_file),
                hint="Delete it and deploy again: what stands on the chain is found again.",
            ) from None

    def save(self, home: Home) -> None:
        """Writes `deployment.json`, whole or not at all."""
        write_atomically(
            home.deployment_file, json.dumps(dataclasses.asdict(self), indent=2).encode() + b"\n", mode=0o644
        )

    def address(self, contract: str) -> str:
        """Where the contract of this name stands now. NotFound for one that is not part of this deployment."""
        try:
            return self.addresses[contract]
        except KeyError:
            raise NotFound(f"There is no contract {contract!r} in this deployment.") from None

    def contract_at(self, address: str) -> str | None:
        """The name of the contract that stands, or stood before it was replaced, at an address in any case of letters."""
        wanted = address.lower()
        return next((name for name, at in self.everywhere() if at.lower() == wanted), None)

    def all_of(self, contract: str) -> tuple[str, ...]:
        """Every address that the contract of this name has or had, that of now first."""
        return (self.address(contract), *self.former.get(contract, ()))

    def everywhere(self) -> list[tuple[str, str]]:
        """Each name with each address that it has or had, those of now first."""
        return [*self.addresses.items(), *((name, at) for name, each in self.former.items() for at in each)]


@dataclass(frozen=True)
class _Function:
    name: str
    selector: bytes
    inputs: tuple[dict[str, Any], ...]
    outputs: tuple[dict[str, Any], ...]
    types: tuple[str, ...]
    output_types: tuple[str, ...]


@dataclass(frozen=True)
class DecodedCall:
    """A function and its arguments by name; a struct is a dict."""

    contract: str
    function: str
    args: dict[str, Any]


def encode_call(contract: str, function: str, args: Sequence[Any]) -> str:
    """Calldata, 0x hex. bytes may be given as hex with or without 0x, a struct as a dict, a dataclass or a tuple.

    BadInput when there is no such function or an argument does not fit its type.
    """
    target = _function(contract, function)
    if len(args) != len(target.inputs):
        raise BadInput(f"{contract}.{function} takes {len(target.inputs)} arguments, not {len(args)}.")
    return "0x" + (target.selector + _encode(f"{contract}.{function}", target.inputs, args)).hex()


def encode_constructor(contract: str, args: Sequence[Any]) -> bytes:
    """The encoded constructor arguments, to be appended to the creation bytecode."""
    inputs = next((tuple(entry["inputs"]) for entry in abi(contract) if entry["type"] == "constructor"), ())
    if len(args) != len(inputs):
        raise BadInput(f"The constructor of {contract} takes {len(inputs)} arguments, not {len(args)}.")
    return _encode(contract, inputs, args)


def decode_call(contract: str, data: bytes) -> DecodedCall:
    """What a transaction to `contract` does. BadInput for a selector or arguments that are not of its ABI."""
    function = _by_selector(contract).get(data[:4])
    if function is None:
        raise BadInput(f"{contract} has no function with selector 0x{data[:4].hex()}.")
    try:
        values = decode(function.types, data[4:])
    except DecodingError:
        raise BadInput(f"The arguments of {contract}.{function.name} cannot be read.") from None
    return DecodedCall(contract, function.name, _named(function.inputs, values))


def decode_result(contract: str, function: str, data: bytes) -> Any:
    """One return value as itself, several as a tuple; a struct as a dict. BadInput when no such contract is there."""
    target = _function(contract, function)
    try:
        values = decode(target.output_types, data)
    except DecodingError:
        raise BadInput(
            f"The answer of {contract}.{function} cannot be read; another contract, or none, stands at its address.",
            hint="Check deployment.json and which chain the node serves.",
        ) from None
    results = tuple(_shaped(output, value) for output, value in zip(target.outputs, values, strict=True))
    return results[0] if len(results) == 1 else results


def decode_revert(data: bytes | str) -> Reverted:
    """The refusal that a revert's data tells. `values`: error (custom error's name, or None), args (by name)."""
    raw = bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else data
    selector, rest = raw[:4], raw[4:]
    try:
        if selector == _ERROR_STRING:
            (text,) = decode(["string"], rest)
            return Reverted(f"The contract refused: {text}", error="Error", args={"message": text})
        if selector == _PANIC:
            (code,) = decode(["uint256"], rest)
            return Reverted(f"The contract refused: {panic_sentence(code)}", error="Panic", args={"code": code})
        known = _errors().get(selector)
        if known is not None:
            args = _named(known.inputs, decode(known.types, rest))
            sentence, hint = sentence_of(known.name, args)
            return Reverted(f"The contract refused: {known.name}: {sentence}", hint=hint, error=known.name, args=args)
    except DecodingError:
        pass  # Fall through: a selector of ours with other arguments is told as unknown.
    if not raw:
        return Reverted("The contract refused and gave no reason.", error=None, args={})
    return Reverted(
        f"The contract refused with an error that is not of ours (0x{selector.hex()}).", error=None, args={}
    )


def selector_of(contract: str, function: str) -> bytes:
    """The four bytes that call a function. BadInput when there is no such function."""
    return _function(contract, function).selector


def function_of(contract: str, selector: bytes) -> str | None:
    """The function's name, None when the contract has none with this selector."""
    found = _by_selector(contract).get(selector)
    return found.name if found else None


# --- ABI tables, compiled once ---------------------------------------------------------------------------------------


def _types(inputs: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(collapse_if_tuple(entry)) for entry in inputs)


def _compiled(entry: dict[str, Any]) -> _Function:
    types, outputs = _types(entry["inputs"]), entry.get("outputs", ())
    selector = keccak(text=f"{entry['name']}({','.join(types)})")[:4]
    return _Function(entry["name"], selector, tuple(entry["inputs"]), tuple(outputs), types, _types(outputs))


@cache
def _functions(contract: str) -> dict[str, _Function]:
    return {entry["name"]: _compiled(entry) for entry in abi(contract) if entry["type"] == "function"}


@cache
def _by_selector(contract: str) -> dict[bytes, _Function]:
    return {function.selector: function for function in _functions(contract).values()}


@cache
def _errors() -> dict[bytes, _Function]:
    """Custom errors of all our contracts: one contract passes on what another refused with."""
    compiled = (_compiled(entry) for contract in CONTRACTS for entry in abi(contract) if entry["type"] == "error")
    return {error.selector: error for error in compiled}


def error_names() -> dict[str, tuple[str, ...]]:
    """Custom errors of all our contracts with their argument names."""
    return {error.name: tuple(entry["name"] for entry in error.inputs) for error in _errors().values()}


def _function(contract: str, function: str) -> _Function:
    if contract not in CONTRACTS:
        raise BadInput(f"There is no contract {contract!r}.", hint=f"Ours are: {', '.join(CONTRACTS)}.")
    try:
        return _functions(contract)[function]
    except KeyError:
        raise BadInput(f"{contract} has no function {function!r}.") from None


# --- shapes ----------------------------------------------------------------------------------------------------------


def _encode(where: str, inputs: Sequence[dict[str, Any]], args: Sequence[Any]) -> bytes:
    try:
        return encode(_types(inputs), [_prepared(entry, arg) for entry, arg in zip(inputs, args, strict=True)])
    except (EncodingError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadInput(f"An argument does not fit: {error}", where=where) from None


def _prepared(entry: dict[str, Any], value: Any) -> Any:
    """What eth_abi takes for one argument: bytes for hex, tuples for structs."""
    kind = str(entry["type"])
    if kind.endswith("]"):
        inner = {**entry, "type": kind[: kind.rindex("[")]}
        return [_prepared(inner, item) for item in value]
    if kind == "tuple":
        components: list[dict[str, Any]] = entry["components"]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = dataclasses.astuple(value)
        if isinstance(value, Mapping):
            value = [value[component["name"]] for component in components]
        return tuple(_prepared(component, item) for component, item in zip(components, value, strict=True))
    if kind.startswith("bytes") and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    return value


def _named(entries: Sequence[dict[str, Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {entry["name"]: _shaped(entry, value) for entry, value in zip(entries, values, strict=True)}


def _shaped(entry: dict[str, Any], value: Any) -> Any:
    """A decoded value with structs as dicts and addresses in EIP-55."""
    kind = str(entry["type"])
    if kind.endswith("]"):
        inner = {**entry, "type": kind[: kind.rindex("[")]}
        return [_shaped(inner, item) for item in value]
    if kind == "tuple":
        return _named(entry["components"], value)
    return to_checksum_address(value) if kind == "address" else value
