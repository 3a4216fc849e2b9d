"""A member makes its node's key on its own machine, and hands in the public half as a part of the members file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.chain.node_key import new_node_key, node_address, public_key_of
from ledger.errors import BadInput
from ledger.network.besu.members_file import read_member
from ledger.network.besu.network_plan import NetworkMember
from ledger.store.atomic import create_atomically, write_atomically

_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64})\s*")


@dataclass(frozen=True)
class MemberKey:
    """`key_file` stays where it is; `part_file` is what the member hands in. `made` is false when the key stood already."""

    key_file: Path
    part_file: Path
    public_key: str
    address: str
    made: bool


def make_member_key(
    folder: Path, slug: str, *, host: str, p2p_port: int, name: str, validator: bool, senders: Sequence[str]
) -> MemberKey:
    """Writes `data/key` (mode 0600, as Besu reads it: hex, not encrypted) and `SLUG.member.toml`. A key that stands is kept.

    BadInput for what the members file would refuse, or when the file holds no key.
    """
    key_file, part_file = folder / "data" / "key", folder / f"{slug}.member.toml"
    stands = key_file.exists()
    private_key = _read(key_file) if stands else new_node_key()
    public_key = public_key_of(private_key)
    member = NetworkMember(slug, name, public_key, host, p2p_port, 8545, validator, tuple(senders))
    part = _part(member)
    read_member(part, str(part_file))  # what a coordinator would refuse is refused here, before anything is written
    made = not stands and create_atomically(key_file, b"0x" + private_key.hex().encode() + b"\n")
    if not stands and not made:  # another run was quicker: its key counts
        return make_member_key(
            folder, slug, host=host, p2p_port=p2p_port, name=name, validator=validator, senders=senders
        )
    write_atomically(part_file, part.encode(), mode=0o644)
    return MemberKey(key_file, part_file, public_key, node_address(public_key), made)


def _read(key_file: Path) -> bytes:
    found = _KEY.fullmatch(key_file.read_text(encoding="utf-8", errors="replace"))
    if found is None:
        raise BadInput(
            "This file holds no node key: 64 hex digits are needed.",
            where=str(key_file),
            hint="Restore it from your backup, or move it away to have a new one made.",
        )
    return bytes.fromhex(found[1])


def _part(member: NetworkMember) -> str:
    lines = [
        "[[member]]",
        f"slug = {json.dumps(member.slug)}",
        f"name = {json.dumps(member.name, ensure_ascii=False)}",
        f"public_key = {json.dumps(member.public_key)}",
        f"host = {json.dumps(member.host)}",
        f"p2p_port = {member.p2p_port}",
    ]
    if not member.validator:
        lines.append("validator = false")
    if member.senders:
        lines.append(f"senders = [{', '.join(json.dumps(sender) for sender in member.senders)}]")
    return "\n".join([*lines, ""])
