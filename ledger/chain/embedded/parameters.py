"""Parameters of JSON-RPC methods: from JSON to values, refusing what is none (execution-apis, types)."""

from __future__ import annotations

from typing import Any

from ledger.chain.embedded.refusals import invalid

_ADDRESS_BYTES = 20
_HASH_BYTES = 32
LATEST_TAGS = ("latest", "pending", "safe", "finalized")  # one node, no forks: what is mined is final


def quantity(value: Any, name: str) -> int:
    """A number as hex: `0x0`, `0x1f`."""
    try:
        if isinstance(value, str) and value[:2].lower() == "0x" and "_" not in value:
            return int(value[2:], 16)
    except ValueError:
        pass
    raise invalid(f"invalid argument {name}: a hex number such as 0x1f is wanted")


def data(value: Any, name: str, size: int | None = None) -> bytes:
    """Bytes as hex, of `size` bytes if given."""
    try:
        if isinstance(value, str) and value[:2].lower() == "0x":
            parsed = bytes.fromhex(value[2:])
            if size is None or len(parsed) == size:
                return parsed
    except ValueError:
        pass
    raise invalid(f"invalid argument {name}: {'bytes' if size is None else f'{size} bytes'} in hex with 0x are wanted")


def address(value: Any, name: str = "address") -> bytes:
    return data(value, name, _ADDRESS_BYTES)


def hash32(value: Any, name: str = "hash") -> bytes:
    return data(value, name, _HASH_BYTES)


def required(parameters: list[Any], position: int, name: str) -> Any:
    if position >= len(parameters) or parameters[position] is None:
        raise invalid(f"missing value for required argument {position}: {name}")
    return parameters[position]


def optional(parameters: list[Any], position: int, default: Any = None) -> Any:
    return parameters[position] if position < len(parameters) and parameters[position] is not None else default


def block_number(value: Any, latest: int) -> int:
    """A block's number from a tag or a number. It may lie beyond the head."""
    if value in LATEST_TAGS:
        return latest
    return 0 if value == "earliest" else quantity(value, "block")


def call_object(value: Any, gas_limit: int, chain_id: int) -> dict[str, Any]:
    """A call in eth-tester's terms: from, to, gas (at most the block's), value, data and, if given, access_list.

    Fees are ignored: a call costs nobody anything.
    """
    if not isinstance(value, dict):
        raise invalid("invalid argument 0: a call object is wanted")
    given = value.get("input") if value.get("input") is not None else value.get("data")
    call: dict[str, Any] = {
        "from": address(value["from"], "from") if value.get("from") is not None else b"\0" * _ADDRESS_BYTES,
        "to": address(value["to"], "to") if value.get("to") not in (None, "0x") else b"",
        "gas": min(quantity(value["gas"], "gas"), gas_limit) if value.get("gas") is not None else gas_limit,
        "value": quantity(value["value"], "value") if value.get("value") is not None else 0,
        "data": data(given, "input") if given is not None else b"",
    }
    if value.get("accessList"):
        call |= {"access_list": _access_list(value["accessList"]), "chain_id": chain_id}
    return call


def _access_list(value: Any) -> list[tuple[bytes, list[int]]]:
    try:
        return [
            (
                address(entry["address"]),
                [int.from_bytes(hash32(slot, "storageKeys"), "big") for slot in entry["storageKeys"]],
            )
            for entry in value
        ]
    except (KeyError, TypeError):
        raise invalid("invalid argument accessList: a list of {address, storageKeys} is wanted") from None
