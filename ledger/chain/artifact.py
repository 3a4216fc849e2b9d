"""The compiled contracts that ship with the package: ABI and creation bytecode by contract name.

`ledger/chain/artifacts/<Name>.json` is written by `scripts/compile-contracts`; nothing here compiles. Each file is read
once.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from ledger.errors import Unavailable

#: In the order in which they are deployed.
CONTRACTS = (
    "Members",
    "Council",
    "Validators",
    "Statements",
    "ItemCodes",
    "Recalls",
    "Rules",
    "Credit",
    "Tiers",
    "Escrow",
    "Campaigns",
    "Directory",
)


@cache
def _artifact(contract: str) -> dict[str, Any]:
    path = resources.files("ledger.chain") / "artifacts" / f"{contract}.json"
    try:
        artifact: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unavailable(
            f"The compiled contract {contract} is not in this installation.",
            where=f"ledger/chain/artifacts/{contract}.json",
            hint="Install the package again; in a clone, run scripts/compile-contracts.",
        ) from None
    return artifact


def abi(contract: str) -> list[dict[str, Any]]:
    """The contract's ABI as solc writes it. Unavailable when the artifact is missing."""
    entries: list[dict[str, Any]] = _artifact(contract)["abi"]
    return entries


def runtime_bytecode(contract: str) -> bytes:
    """The code that comes to stand, with zeros where the constructor fills in immutable values (Solidity manual, "Layout
    of Immutable Variables")."""
    return bytes.fromhex(str(_artifact(contract)["deployedBytecode"]).removeprefix("0x"))


def bytecode(contract: str) -> bytes:
    """The creation bytecode, to which the encoded constructor arguments are appended."""
    return bytes.fromhex(str(_artifact(contract)["bytecode"]).removeprefix("0x"))
