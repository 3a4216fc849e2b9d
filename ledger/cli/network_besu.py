"""Commands for a Besu network on members' machines: a member's key, and the files of all."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.output import JsonOption, Output, read_file, told_plainly
from ledger.network.besu.member_key import make_member_key
from ledger.network.besu.members_file import read_members
from ledger.network.besu.write_network import write_network


def besu_key(
    slug: Annotated[str, typer.Argument(help="The member: small letters, digits and '-'.")],
    host: Annotated[
        str, typer.Option("--host", help="The IP address at which the other members' nodes reach this one.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for data/key and SLUG.member.toml.")] = Path(),
    port: Annotated[int, typer.Option("--port", help="The node's p2p port.")] = 30_303,
    name: Annotated[str | None, typer.Option("--name", help="The member's name.")] = None,
    sender: Annotated[list[str] | None, typer.Option("--sender", help="An account that may send; repeatable.")] = None,
    observer: Annotated[bool, typer.Option("--observer", help="A node that does not validate.")] = False,
    as_json: JsonOption = False,
) -> None:
    """A member's first step, on its own machine: make the node's key, and the part of the members file to hand in."""
    output = Output(as_json)
    with told_plainly(output):
        made = make_member_key(
            out, slug, host=host, p2p_port=port, name=name or slug, validator=not observer, senders=sender or ()
        )
        output.say(
            f"The key {'is made' if made.made else 'stood already and is kept'}: {made.key_file}. It stays on this machine."
        )
        output.say(
            f"Hand in {made.part_file}. The node's address is {made.address}: tell the others by another way too."
        )
        output.result({**asdict(made)})


def besu(
    members: Annotated[
        Path, typer.Option("--members", help="The members file: the members' parts, one behind the other.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")],
    as_json: JsonOption = False,
) -> None:
    """Write genesis, node configurations, permissioning and compose files of a Besu QBFT network. It was not run here."""
    output = Output(as_json)
    with told_plainly(output):
        plan = read_members(read_file(members).decode("utf-8", errors="replace"), str(members))
        written = write_network(plan, out)
        for warning in plan.warnings():
            output.say(f"! {warning}")
        output.say(
            f"{written.files} files for {len(plan.members)} nodes are in {out}. {written.validators} validators tolerate the "
            f"loss of {written.tolerated}. SHA-256 of genesis.json: {written.genesis_sha256}."
        )
        output.say(
            f"They were not run here. Read {out / 'README.md'}, start it, and point `suyuan network check` at it."
        )
        output.result({**asdict(written), "warnings": plan.warnings(), "run_here": False})
