"""What a proposal can ask the Council to do, by friendly verbs: each becomes one call of one contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.chain.contracts import Deployment, encode_call
from ledger.chain.keystore import checksummed
from ledger.chain.roles import ANY, Role
from ledger.errors import BadInput

#: A constitution's numbers as the rows and commands name them, and as the contract does.
CONSTITUTION = {
    "quorum_bps": "quorumBps",
    "delay_seconds": "delaySeconds",
    "voting_seconds": "votingSeconds",
    "execution_seconds": "executionSeconds",
    "emergency_seats": "emergencySeats",
    "emergency_max_seconds": "emergencyMaxSeconds",
    "emergency_window_seconds": "emergencyWindowSeconds",
}


@dataclass(frozen=True)
class Act:
    """A call of one of our contracts, or of any other (`contract` then an address and `data` its calldata)."""

    target: str
    data: bytes


def act(deployment: Deployment, contract: str, function: str, *args: Any) -> Act:
    """BadInput when there is no such function or the arguments do not fit."""
    data = bytes.fromhex(encode_call(contract, function, args).removeprefix("0x"))
    return Act(deployment.address(contract), data)


def raw_act(deployment: Deployment, target: str, data: str) -> Act:
    """`target`: a contract's name or an address; `data`: calldata in hex. BadInput."""
    try:
        calldata = bytes.fromhex(data.removeprefix("0x"))
    except ValueError:
        raise BadInput("The calldata is not hexadecimal.", hint="Write it as 0x…") from None
    address = deployment.addresses.get(target) or checksummed(target)
    return Act(address, calldata)


def point(deployment: Deployment, contract: str, at: str) -> Act:
    """The contract of this name stands elsewhere from now on."""
    name = contract.encode("ascii", "replace")
    if not name or len(name) > 32 or b"?" in name:
        raise BadInput(f"{contract!r} is no contract's name.", hint=f"Ours are: {', '.join(deployment.addresses)}.")
    return act(deployment, "Directory", "point", name.ljust(32, b"\0"), checksummed(at))


def change_constitution(deployment: Deployment, standing: Mapping[str, Any], changes: Mapping[str, int]) -> Act:
    """The constitution as it stands with these numbers in place of its own. BadInput when nothing changes."""
    unknown = [name for name in changes if name not in CONSTITUTION]
    if unknown:
        raise BadInput(f"A constitution has no {unknown[0]}.", hint=f"It has: {', '.join(CONSTITUTION)}.")
    changed = {**standing, **changes}
    if changed == dict(standing):
        raise BadInput("Nothing would change.", hint="Name at least one number that differs from the one in force.")
    made = {theirs: changed[ours] for ours, theirs in CONSTITUTION.items()}
    return act(deployment, "Council", "changeConstitution", made)


def roles_named(words: str, *, operators: bool = False) -> Role:
    """`farm,carrier` as bits; empty for none. BadInput for a word that is no role. Only operators hold the treasury,
    and none holds a seat."""
    roles = Role(0)
    allowed = ANY | (Role.TREASURY if operators else Role.COUNCIL)
    for word in (part.strip() for part in words.split(",")):
        if not word:
            continue
        role = Role.__members__.get(word.upper().replace("-", "_").replace(" ", "_"))
        if role is None or role not in allowed:
            known = ", ".join(role.name.lower().replace("_", "-") for role in Role if role in allowed and role.name)
            raise BadInput(f"There is no role {word!r} to give here.", hint=f"The roles are: {known}.")
        roles |= role
    return roles
