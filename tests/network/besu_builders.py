"""Builders of members files."""

from __future__ import annotations

from ledger.chain.node_key import public_key_of
from ledger.network.besu.members_file import read_members
from ledger.network.besu.network_plan import NetworkPlan


def a_key(number: int) -> str:
    """The public key of a node."""
    return public_key_of(number.to_bytes(32, "big"))


def a_member(number: int, **more: object) -> str:
    """Five lines and those of `more`; a value of None leaves a line out."""
    values = {"slug": f"m{number}", "public_key": a_key(number), "host": f"10.0.0.{number}", "p2p_port": 30303, **more}
    lines = [f"{name} = {_toml(value)}" for name, value in values.items() if value is not None]
    return "\n".join(["[[member]]", *lines, ""])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | list) else f'"{value}"'


def four(**changes: object) -> str:
    """Four members; `changes` are of the last."""
    return a_member(1) + a_member(2) + a_member(3) + a_member(4, **changes)


def read(text: str) -> NetworkPlan:
    return read_members(text, "members.toml")
